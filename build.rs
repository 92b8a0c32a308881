//! What the linker is given beside the code: on Windows the icon, the version and the manifest.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=assets/windows");
    #[cfg(windows)]
    embed_resource::compile("assets/windows/eventscope.rc", embed_resource::NONE).manifest_optional()?;
    Ok(())
}
