/** The beginnings of images: enough to tell their types. */
export const PNG = Buffer.from('\x89PNG\r\n\x1a\n a small image', 'latin1');
export const JPEG = Buffer.from('\xff\xd8\xff\xe0 a small image', 'latin1');
export const GIF = Buffer.from('GIF89a a small image', 'latin1');
export const WEBP = Buffer.from('RIFF\x10\x00\x00\x00WEBPVP8 a small image', 'latin1');
