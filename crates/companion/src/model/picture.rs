//! Pictures that people send with a message.

use super::Invalid;
use base64::{Engine, prelude::BASE64_STANDARD as STANDARD};
use kernel::{Phi, typed_id};
use llm::{Image, ImageFormat};

typed_id! {
    /// A picture.
    PictureId
}

/// How many pictures a message may have.
pub const PICTURES: usize = 4;
/// How large the pictures of a message may be together, in bytes.
pub const PICTURES_BYTES: usize = 6 * 1024 * 1024;

/// A picture of a message, without its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// Which one.
    pub id: PictureId,
    /// What its bytes are.
    pub format: ImageFormat,
}

/// A file of this kind in Base64, not yet looked into.
#[must_use]
pub fn picture(media_type: &str, data: &str) -> Option<Image> {
    let format = ImageFormat::of_media_type(media_type)?;
    Some(Image { format, bytes: Phi::new(STANDARD.decode(data).ok()?) })
}

/// Whether a message may have these: few and small enough, and each what it says it is.
pub fn pictures(images: &[Image]) -> Result<(), Invalid> {
    // EXPOSE: measured and looked at, not kept.
    let bytes = || images.iter().map(|image| image.bytes.expose());
    if images.len() > PICTURES || bytes().map(Vec::len).sum::<usize>() > PICTURES_BYTES {
        return Err(Invalid::Pictures);
    }
    let as_said = |image: &Image| begins_like(image.format, image.bytes.expose());
    if images.iter().all(as_said) { Ok(()) } else { Err(Invalid::NoPicture) }
}

/// Whether a file begins as those of this format do.
fn begins_like(format: ImageFormat, bytes: &[u8]) -> bool {
    match format {
        ImageFormat::Jpeg => bytes.starts_with(&[0xff, 0xd8, 0xff]),
        ImageFormat::Png => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
        ImageFormat::Gif => bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a"),
        ImageFormat::Webp => {
            bytes.starts_with(b"RIFF") && bytes.get(8..12).is_some_and(|kind| kind == b"WEBP")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(format: ImageFormat, start: &[u8], length: usize) -> Image {
        let mut bytes = start.to_vec();
        bytes.resize(length, 0);
        Image { format, bytes: Phi::new(bytes) }
    }

    #[test]
    fn a_picture_is_what_it_says_it_is() {
        for (format, start) in [
            (ImageFormat::Jpeg, &b"\xff\xd8\xff\xe0"[..]),
            (ImageFormat::Png, b"\x89PNG\r\n\x1a\n"),
            (ImageFormat::Gif, b"GIF89a"),
            (ImageFormat::Webp, b"RIFF\x10\0\0\0WEBP"),
        ] {
            assert_eq!(pictures(&[image(format, start, 64)]), Ok(()), "{format:?}");
            let other = image(format, b"<svg onload=alert(1)>", 64);
            assert_eq!(pictures(&[other]), Err(Invalid::NoPicture), "{format:?}");
        }
    }

    #[test]
    fn pictures_have_a_bound_in_number_and_together_in_size() {
        let jpeg = |length| image(ImageFormat::Jpeg, b"\xff\xd8\xff", length);
        assert_eq!(pictures(&vec![jpeg(9); PICTURES]), Ok(()));
        assert_eq!(pictures(&vec![jpeg(9); PICTURES + 1]), Err(Invalid::Pictures));
        assert_eq!(pictures(&[jpeg(PICTURES_BYTES)]), Ok(()));
        assert_eq!(pictures(&[jpeg(PICTURES_BYTES), jpeg(3)]), Err(Invalid::Pictures));
        assert_eq!(pictures(&[]), Ok(()));
    }
}
