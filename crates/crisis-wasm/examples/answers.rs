//! Answers each line of the input as the module in a browser does: `tools/wasm_vectors.mjs`
//! compares the two.

use std::io::{BufRead, Write, stdin, stdout};

fn main() -> std::io::Result<()> {
    let mut out = stdout().lock();
    for line in stdin().lock().lines() {
        out.write_all(&crisis_wasm::answer(line?.as_bytes()))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
