//! The faithful server by itself: prints its address and runs until its input ends.

use modelmock::{Mock, faithful};
use std::io::{self, Read, Write};

fn main() -> io::Result<()> {
    let mock = Mock::start_forgetful(faithful)?;
    writeln!(io::stdout(), "{}", mock.url())?;
    io::stdout().flush()?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
