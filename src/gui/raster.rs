//! Draws egui's triangles on the CPU: the same picture on every machine, without a display or a graphics driver.
//!
//! Positions are rounded to 1/256 pixel and coverage is decided with whole numbers and the top-left rule, so that two
//! triangles that share an edge never both draw, nor both miss, a pixel. Colours are blended premultiplied in gamma
//! space, which is what egui's own shaders do. Only whole meshes are drawn; paint callbacks are not.

use std::collections::HashMap;

use egui::epaint::{ClippedPrimitive, ImageDelta, Mesh, Primitive, Vertex};
use egui::{Color32, ImageData, Rect, TextureId, TexturesDelta};

use super::theme::premultiplied;

/// Sub-pixels in a pixel, along one axis.
const SUB: i64 = 256;
/// Positions are kept within this many pixels of the origin, so that no product overflows 64 bits.
const REACH: f32 = 1_000_000.0;

/// A picture: rows from the top, four bytes a pixel (red, green, blue, alpha), opaque.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// `4 * width * height` bytes.
    pub rgba: Vec<u8>,
}

impl Picture {
    /// A picture of one colour.
    #[must_use]
    pub fn filled(width: usize, height: usize, color: Color32) -> Self {
        Self { width, height, rgba: color.to_array().repeat(width * height) }
    }

    /// The colour at a pixel; transparent outside.
    #[must_use]
    pub fn at(&self, x: usize, y: usize) -> Color32 {
        if x >= self.width || y >= self.height {
            return Color32::TRANSPARENT;
        }
        let start = 4 * (y * self.width + x);
        match self.rgba.get(start..start + 4) {
            Some(&[red, green, blue, alpha]) => premultiplied([red, green, blue, alpha]),
            _ => Color32::TRANSPARENT,
        }
    }
}

struct Texture {
    width: usize,
    height: usize,
    texels: Vec<Color32>,
}

impl Texture {
    fn texel(&self, x: i64, y: i64) -> Color32 {
        let clamp = |value: i64, size: usize| usize::try_from(value.max(0)).unwrap_or(0).min(size.saturating_sub(1));
        let index = clamp(y, self.height) * self.width + clamp(x, self.width);
        self.texels.get(index).copied().unwrap_or(Color32::TRANSPARENT)
    }

    /// The four nearest texels, weighted; `u` and `v` run from 0 to 1.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "texel coordinates are small")]
    fn sample(&self, u: f32, v: f32) -> [f32; 4] {
        let x = u * self.width as f32 - 0.5;
        let y = v * self.height as f32 - 0.5;
        let (left, top) = (x.floor(), y.floor());
        let (right_part, lower_part) = (x - left, y - top);
        let (left, top) = (left as i64, top as i64);
        let near = |part: f32| !(1.0 / 512.0..=511.0 / 512.0).contains(&part);
        if near(right_part) && near(lower_part) {
            return floats(self.texel(left + i64::from(right_part > 0.5), top + i64::from(lower_part > 0.5)));
        }
        let upper = lerp(floats(self.texel(left, top)), floats(self.texel(left + 1, top)), right_part);
        let lower = lerp(floats(self.texel(left, top + 1)), floats(self.texel(left + 1, top + 1)), right_part);
        lerp(upper, lower, lower_part)
    }
}

fn floats(color: Color32) -> [f32; 4] {
    color.to_array().map(f32::from)
}

fn lerp(first: [f32; 4], second: [f32; 4], part: f32) -> [f32; 4] {
    std::array::from_fn(|index| first[index] + (second[index] - first[index]) * part)
}

/// The textures of one egui context, and the drawing.
#[derive(Default)]
pub struct Raster {
    textures: HashMap<TextureId, Texture>,
}

impl Raster {
    /// Takes new and changed textures; call it for every frame, in order, before [`Raster::paint`].
    pub fn apply(&mut self, delta: &TexturesDelta) {
        for (id, deltas) in &delta.set {
            for delta in deltas {
                self.set(*id, delta);
            }
        }
    }

    /// Forgets textures that egui let go; call it after [`Raster::paint`].
    pub fn free(&mut self, delta: &TexturesDelta) {
        for id in &delta.free {
            self.textures.remove(id);
        }
    }

    fn set(&mut self, id: TextureId, delta: &ImageDelta) {
        let ImageData::Color(image) = &delta.image;
        let [width, height] = image.size;
        let Some([x, y]) = delta.pos else {
            self.textures.insert(id, Texture { width, height, texels: image.pixels.clone() });
            return;
        };
        let Some(texture) = self.textures.get_mut(&id) else { return };
        for (row, source) in image.pixels.chunks_exact(width.max(1)).enumerate() {
            let start = (y + row) * texture.width + x;
            if let Some(target) = texture.texels.get_mut(start..start + width) {
                target.copy_from_slice(source);
            }
        }
    }

    /// Draws what egui made of a frame (`Context::tessellate`) over the picture.
    pub fn paint(&self, picture: &mut Picture, primitives: &[ClippedPrimitive], pixels_per_point: f32) {
        for ClippedPrimitive { clip_rect, primitive } in primitives {
            let Primitive::Mesh(mesh) = primitive else { continue };
            let Some(texture) = self.textures.get(&mesh.texture_id) else { continue };
            let clip = Clip::of(*clip_rect, pixels_per_point, picture);
            paint_mesh(picture, &clip, mesh, texture, pixels_per_point);
        }
    }
}

/// The pixels that may be drawn: `left..right` and `top..bottom`.
struct Clip {
    left: i64,
    top: i64,
    right: i64,
    bottom: i64,
}

impl Clip {
    #[expect(clippy::cast_possible_truncation, reason = "the value is clamped to the picture first")]
    fn of(rect: Rect, pixels_per_point: f32, picture: &Picture) -> Self {
        let edge = |value: f32, max: usize| {
            let max = i64::try_from(max).unwrap_or(i64::MAX);
            ((value * pixels_per_point).clamp(-REACH, REACH).round() as i64).clamp(0, max)
        };
        Self {
            left: edge(rect.min.x, picture.width),
            top: edge(rect.min.y, picture.height),
            right: edge(rect.max.x, picture.width),
            bottom: edge(rect.max.y, picture.height),
        }
    }
}

fn paint_mesh(picture: &mut Picture, clip: &Clip, mesh: &Mesh, texture: &Texture, pixels_per_point: f32) {
    for corners in mesh.indices.chunks_exact(3) {
        let vertex = |corner: usize| mesh.vertices.get(usize::try_from(corners[corner]).unwrap_or(usize::MAX));
        if let (Some(first), Some(second), Some(third)) = (vertex(0), vertex(1), vertex(2)) {
            paint_triangle(picture, clip, [first, second, third], texture, pixels_per_point);
        }
    }
}

#[derive(Clone, Copy)]
struct Point {
    x: i64,
    y: i64,
}

impl Point {
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "clamped to REACH first")]
    fn of(vertex: &Vertex, pixels_per_point: f32) -> Self {
        let sub = |value: f32| ((value * pixels_per_point).clamp(-REACH, REACH) * SUB as f32).round() as i64;
        Self { x: sub(vertex.pos.x), y: sub(vertex.pos.y) }
    }
}

/// One edge as a function that is positive inside: `slope * x + start(y)`, both in sub-pixels.
#[derive(Clone, Copy)]
struct Edge {
    from: Point,
    across: i64,
    down: i64,
    /// 0 where a pixel exactly on the edge belongs to the triangle, else -1.
    bias: i64,
}

impl Edge {
    fn new(from: Point, to: Point) -> Self {
        let (across, down) = (to.x - from.x, to.y - from.y);
        // With positive area and y downwards, a top edge runs right and a left edge runs up.
        let owns = down < 0 || (down == 0 && across > 0);
        Self { from, across, down, bias: if owns { 0 } else { -1 } }
    }

    /// The value at the centre of a pixel.
    fn at(&self, x: i64, y: i64) -> i64 {
        let (px, py) = (x * SUB + SUB / 2, y * SUB + SUB / 2);
        self.across * (py - self.from.y) - self.down * (px - self.from.x)
    }

    /// Narrows `left..right` to the pixels of row `y` that are inside.
    fn narrow(&self, y: i64, left: &mut i64, right: &mut i64) {
        let start = self.at(0, y) + self.bias;
        let slope = -self.down * SUB;
        if slope > 0 {
            *left = (*left).max(-start.div_euclid(slope));
        } else if slope < 0 {
            *right = (*right).min(start.div_euclid(-slope) + 1);
        } else if start < 0 {
            *right = *left;
        }
    }
}

fn paint_triangle(
    picture: &mut Picture,
    clip: &Clip,
    mut vertices: [&Vertex; 3],
    texture: &Texture,
    pixels_per_point: f32,
) {
    let mut points = vertices.map(|vertex| Point::of(vertex, pixels_per_point));
    let mut area = area_of(points);
    if area == 0 {
        return;
    }
    if area < 0 {
        vertices.swap(1, 2);
        points.swap(1, 2);
        area = -area;
    }
    let edges = [Edge::new(points[1], points[2]), Edge::new(points[2], points[0]), Edge::new(points[0], points[1])];
    let ys = points.map(|point| point.y);
    let top = ys.iter().min().map_or(0, |y| (y - SUB / 2).div_euclid(SUB)).max(clip.top);
    let bottom = ys.iter().max().map_or(0, |y| y.div_euclid(SUB) + 1).min(clip.bottom);
    let flat = flat_color(vertices, texture);
    for y in top..bottom {
        let (mut left, mut right) = (clip.left, clip.right);
        for edge in &edges {
            edge.narrow(y, &mut left, &mut right);
        }
        if left >= right {
            continue;
        }
        let Some(row) = row_of(picture, y, left, right) else { continue };
        match flat {
            Some(color) => fill_row(row, color),
            None => shade_row(row, &Shade { edges, area, vertices, texture, y, left }),
        }
    }
}

fn area_of(points: [Point; 3]) -> i64 {
    let [a, b, c] = points;
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

fn row_of(picture: &mut Picture, y: i64, left: i64, right: i64) -> Option<&mut [u8]> {
    let (y, left, right) = (usize::try_from(y).ok()?, usize::try_from(left).ok()?, usize::try_from(right).ok()?);
    let start = y * picture.width;
    picture.rgba.get_mut(4 * (start + left)..4 * (start + right))
}

/// The one colour of a triangle that has one: three equal corners at one point of the texture.
fn flat_color([first, second, third]: [&Vertex; 3], texture: &Texture) -> Option<Color32> {
    let same =
        first.color == second.color && second.color == third.color && first.uv == second.uv && second.uv == third.uv;
    same.then(|| {
        let texel = texture.sample(first.uv.x, first.uv.y);
        premultiplied(multiply(floats(first.color), texel).map(to_byte))
    })
}

fn multiply(first: [f32; 4], second: [f32; 4]) -> [f32; 4] {
    std::array::from_fn(|index| first[index] * second[index] / 255.0)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn to_byte(value: f32) -> u8 {
    (value + 0.5).clamp(0.0, 255.0) as u8
}

fn fill_row(row: &mut [u8], color: Color32) {
    let source = color.to_array();
    if source[3] == 255 {
        for pixel in row.chunks_exact_mut(4) {
            pixel.copy_from_slice(&source);
        }
        return;
    }
    if source == [0; 4] {
        return;
    }
    let rest = 255 - u32::from(source[3]);
    for pixel in row.chunks_exact_mut(4) {
        for (target, over) in pixel.iter_mut().zip(source) {
            let value = u32::from(over) + (u32::from(*target) * rest + 127) / 255;
            *target = u8::try_from(value).unwrap_or(u8::MAX);
        }
    }
}

struct Shade<'a> {
    edges: [Edge; 3],
    area: i64,
    vertices: [&'a Vertex; 3],
    texture: &'a Texture,
    y: i64,
    left: i64,
}

#[expect(clippy::cast_precision_loss, reason = "a weight is a fraction of the area")]
fn shade_row(row: &mut [u8], shade: &Shade<'_>) {
    let Shade { edges, area, vertices, texture, y, left } = shade;
    let colors = vertices.map(|vertex| floats(vertex.color));
    let same_color = vertices[0].color == vertices[1].color && vertices[1].color == vertices[2].color;
    let mut values = edges.map(|edge| edge.at(*left, *y));
    let area = *area as f32;
    for pixel in row.chunks_exact_mut(4) {
        let weights = values.map(|value| value as f32 / area);
        let mixed = |of: [f32; 3]| weights[0] * of[0] + weights[1] * of[1] + weights[2] * of[2];
        let u = mixed(vertices.map(|vertex| vertex.uv.x));
        let v = mixed(vertices.map(|vertex| vertex.uv.y));
        let texel = texture.sample(u, v);
        if texel[3] > 0.0 || texel[0] > 0.0 {
            let color = if same_color {
                colors[0]
            } else {
                std::array::from_fn(|channel| mixed([colors[0][channel], colors[1][channel], colors[2][channel]]))
            };
            let source = multiply(color, texel);
            let rest = 1.0 - source[3] / 255.0;
            for (target, over) in pixel.iter_mut().zip(source) {
                *target = to_byte(over + f32::from(*target) * rest);
            }
        }
        for (value, edge) in values.iter_mut().zip(edges) {
            *value -= edge.down * SUB;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{ColorImage, Pos2, TextureOptions, pos2};

    fn raster() -> Raster {
        let mut raster = Raster::default();
        let image = ColorImage::new([2, 1], vec![Color32::WHITE, Color32::BLACK]);
        raster.set(TextureId::default(), &ImageDelta::full(image, TextureOptions::LINEAR));
        raster
    }

    fn mesh(corners: &[(Pos2, Color32)], indices: &[u32]) -> ClippedPrimitive {
        let mut mesh = Mesh { indices: indices.to_vec(), ..Mesh::default() };
        for (pos, color) in corners {
            mesh.vertices.push(Vertex { pos: *pos, uv: pos2(0.25, 0.5), color: *color });
        }
        ClippedPrimitive { clip_rect: Rect::EVERYTHING, primitive: Primitive::Mesh(mesh) }
    }

    fn draw(primitives: &[ClippedPrimitive]) -> Picture {
        let mut picture = Picture::filled(16, 16, Color32::BLACK);
        raster().paint(&mut picture, primitives, 1.0);
        picture
    }

    #[test]
    fn triangles_that_share_an_edge_draw_each_pixel_once() {
        let half = premultiplied([100, 100, 100, 128]);
        let corners =
            [(pos2(1.3, 1.7), half), (pos2(14.2, 2.1), half), (pos2(13.1, 13.9), half), (pos2(2.4, 14.5), half)];
        let picture = draw(&[mesh(&corners, &[0, 1, 2, 0, 2, 3])]);
        let other = draw(&[mesh(&corners, &[0, 1, 3, 1, 2, 3])]);
        assert_eq!(picture, other, "the diagonal that the quad is cut along cannot be seen");
        for y in 0..16 {
            for x in 0..16 {
                assert!([0, 100].contains(&picture.at(x, y).r()), "pixel {x},{y} was drawn twice");
            }
        }
        assert_eq!(picture.at(8, 8).r(), 100);
    }

    #[test]
    fn a_pixel_centre_on_an_edge_belongs_to_the_left_and_upper_shape() {
        let white = Color32::WHITE;
        let corners =
            [(pos2(2.5, 2.5), white), (pos2(6.5, 2.5), white), (pos2(6.5, 6.5), white), (pos2(2.5, 6.5), white)];
        let picture = draw(&[mesh(&corners, &[0, 1, 2, 0, 2, 3])]);
        let drawn: usize =
            (0..16).flat_map(|y| (0..16).map(move |x| (x, y))).filter(|&(x, y)| picture.at(x, y).r() > 0).count();
        assert_eq!(drawn, 16);
        assert_eq!((picture.at(2, 2).r(), picture.at(6, 6).r()), (255, 0));
    }

    #[test]
    fn winding_does_not_matter() {
        let corners = [(pos2(1.0, 1.0), Color32::RED), (pos2(9.0, 1.0), Color32::RED), (pos2(1.0, 9.0), Color32::RED)];
        assert_eq!(draw(&[mesh(&corners, &[0, 1, 2])]), draw(&[mesh(&corners, &[0, 2, 1])]));
    }

    #[test]
    fn nothing_is_drawn_outside_the_clip_rectangle() {
        let corners =
            [(pos2(-9e9, -9e9), Color32::RED), (pos2(9e9, -9e9), Color32::RED), (pos2(0.0, 9e9), Color32::RED)];
        let mut primitive = mesh(&corners, &[0, 1, 2]);
        primitive.clip_rect = Rect::from_min_max(pos2(3.0, 4.0), pos2(7.0, 6.0));
        let picture = draw(&[primitive]);
        for y in 0..16 {
            for x in 0..16 {
                let inside = (3..7).contains(&x) && (4..6).contains(&y);
                assert_eq!(picture.at(x, y).r() == 255, inside, "pixel {x},{y}");
            }
        }
    }

    #[test]
    fn colours_run_evenly_between_corners() {
        let corners = [
            (pos2(0.0, 0.0), Color32::BLACK),
            (pos2(16.0, 0.0), Color32::WHITE),
            (pos2(16.0, 16.0), Color32::WHITE),
            (pos2(0.0, 16.0), Color32::BLACK),
        ];
        let picture = draw(&[mesh(&corners, &[0, 1, 2, 0, 2, 3])]);
        for x in 0..16_u8 {
            let expected = f32::from(x) * 16.0 - f32::from(x) * 0.0625 + 8.0;
            assert!((f32::from(picture.at(usize::from(x), 5).r()) - expected).abs() < 1.5, "column {x}");
        }
    }

    #[test]
    fn translucent_colours_blend_over_what_is_there() {
        let whole = |color: Color32| {
            mesh(&[(pos2(0.0, 0.0), color), (pos2(32.0, 0.0), color), (pos2(0.0, 32.0), color)], &[0, 1, 2])
        };
        let picture = draw(&[whole(premultiplied([200, 0, 0, 255])), whole(premultiplied([0, 64, 0, 128]))]);
        assert_eq!(picture.at(3, 3).to_array(), [100, 64, 0, 255]);
    }

    #[test]
    fn a_texture_is_sampled_between_its_texels() {
        let mut primitive = mesh(
            &[(pos2(0.0, 0.0), Color32::WHITE), (pos2(16.0, 0.0), Color32::WHITE), (pos2(0.0, 16.0), Color32::WHITE)],
            &[0, 1, 2],
        );
        if let Primitive::Mesh(mesh) = &mut primitive.primitive {
            mesh.vertices[0].uv = pos2(0.0, 0.5);
            mesh.vertices[1].uv = pos2(1.0, 0.5);
            mesh.vertices[2].uv = pos2(0.0, 0.5);
        }
        let picture = draw(&[primitive]);
        let reds: Vec<u8> = (0..15).map(|x| picture.at(x, 0).r()).collect();
        assert_eq!((reds[0], reds[14]), (255, 0));
        assert!((i16::from(reds[7]) - 143).abs() < 4, "{reds:?}");
        assert!(reds.is_sorted_by(|a, b| a >= b), "{reds:?}");
    }
}
