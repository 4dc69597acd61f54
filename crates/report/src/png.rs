//! A scene as PNG, at twice its size, through the drawing library's pixels.

use plotters::backend::{BitMapBackend, DrawingBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, RGBColor, ShapeStyle, TextStyle};

use crate::charts::ChartError;
use crate::font::{HEIGHT_EM, describe};
use crate::scene::{Color, Point, Scene, Shape, Text};

/// Pixels per CSS pixel: sharp on the screens of today.
const SCALE: f64 = 2.0;

/// How much of a glyph's height the library puts between a text's upper edge and its baseline.
const BASELINE: f64 = 0.5;

/// The scene as the bytes of a PNG file.
///
/// # Errors
/// When the drawing library or the encoder fails.
pub(crate) fn encode(scene: &Scene) -> Result<Vec<u8>, ChartError> {
    let size = (whole(scene.width * SCALE), whole(scene.height * SCALE));
    let (width, height) = (size.0.max(1) as u32, size.1.max(1) as u32);
    let mut pixels = vec![0xff_u8; width as usize * height as usize * 3];
    let mut backend = BitMapBackend::with_buffer(&mut pixels, (width, height));
    paint(scene, &mut backend)?;
    drop(backend);
    pack(&pixels, width, height).map_err(|error| ChartError::Encoding(error.to_string()))
}

fn pack(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// Draws the scene onto any of the library's backends.
fn paint<B: DrawingBackend>(scene: &Scene, backend: &mut B) -> Result<(), ChartError> {
    for shape in &scene.shapes {
        match shape {
            Shape::Rects { color, rects } => rects.iter().try_for_each(|rect| {
                let (left, top) = pixel((rect.x, rect.y));
                let (right, bottom) = pixel((rect.right(), rect.bottom()));
                // The library's rectangles include both corners.
                let corner = ((right - 1).max(left), (bottom - 1).max(top));
                backend.draw_rect((left, top), corner, &fill(*color), true)
            }),
            Shape::Polygon { color, points } => {
                backend.fill_polygon(points.iter().map(|&point| pixel(point)), &fill(*color))
            }
            Shape::Lines {
                color,
                width,
                lines,
            } => {
                let stroke = fill(*color).stroke_width(whole(width * SCALE).max(1) as u32);
                let mut lines = lines.iter();
                lines.try_for_each(|line| {
                    backend.draw_path(line.iter().map(|&point| pixel(point)), &stroke)
                })
            }
            Shape::Text(text) => {
                let (style, corner) = place(text);
                backend.draw_text(&text.text, &style, corner)
            }
        }
        .map_err(|error| ChartError::Drawing(error.to_string()))?;
    }
    Ok(())
}

/// How a text is written, and its upper left corner.
fn place(text: &Text) -> (TextStyle<'static>, (i32, i32)) {
    let size = text.size * SCALE;
    let [red, green, blue] = text.color;
    let style = describe(size, text.weight)
        .color(&RGBColor(red, green, blue))
        .pos(Pos::new(HPos::Left, VPos::Top));
    let top = text.y * SCALE - BASELINE * size * HEIGHT_EM;
    (style, (whole(text.left() * SCALE), whole(top)))
}

fn fill(color: Color) -> ShapeStyle {
    let [red, green, blue] = color;
    RGBColor(red, green, blue).filled()
}

fn pixel((x, y): Point) -> (i32, i32) {
    (whole(x * SCALE), whole(y * SCALE))
}

fn whole(value: f64) -> i32 {
    value.round() as i32
}
