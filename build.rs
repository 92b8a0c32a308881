//! What the linker is given beside the code: on Windows the icon, the version and the manifest.

fn main() {
    println!("cargo::rerun-if-changed=assets/windows");
    #[cfg(windows)]
    if let Err(error) =
        embed_resource::compile("assets/windows/eventscope.rc", embed_resource::NONE).manifest_optional()
    {
        println!("cargo::error=cannot compile assets/windows/eventscope.rc: {error}");
    }
}
