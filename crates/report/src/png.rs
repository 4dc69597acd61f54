//! A scene as PNG, at twice its size, through the drawing library's pixels.

use plotters::backend::{BitMapBackend, DrawingBackend};
use plotters::style::{Color as _, RGBColor, ShapeStyle};

use crate::charts::ChartError;
use crate::font::Font;
use crate::scene::{Color, Point, Scene, Shape, Text};

/// Pixels per CSS pixel: sharp on the screens of today.
const SCALE: f64 = 2.0;

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
            Shape::Rects { color, rects } => {
                for rect in rects {
                    let (left, top) = pixel((rect.x, rect.y));
                    let (right, bottom) = pixel((rect.right(), rect.bottom()));
                    // The library's rectangles include both corners.
                    let corner = ((right - 1).max(left), (bottom - 1).max(top));
                    let drawn = backend.draw_rect((left, top), corner, &fill(*color), true);
                    drawn.map_err(failed)?;
                }
            }
            Shape::Polygon { color, points } => {
                let points = points.iter().map(|&point| pixel(point));
                backend
                    .fill_polygon(points, &fill(*color))
                    .map_err(failed)?;
            }
            Shape::Lines {
                color,
                width,
                lines,
            } => {
                let stroke = fill(*color).stroke_width(whole(width * SCALE).max(1) as u32);
                for line in lines {
                    let points = line.iter().map(|&point| pixel(point));
                    backend.draw_path(points, &stroke).map_err(failed)?;
                }
            }
            Shape::Text(text) => paint_text(scene.font, text, backend)?,
        }
    }
    Ok(())
}

fn paint_text<B: DrawingBackend>(
    font: Font,
    text: &Text,
    backend: &mut B,
) -> Result<(), ChartError> {
    let [red, green, blue] = text.color;
    let color = RGBColor(red, green, blue);
    // A baseline between two rows of pixels would blur every letter.
    let (x, y) = (text.left() * SCALE, (text.y * SCALE).round());
    let fraction = (x.fract() as f32, 0.0);
    let (left, baseline) = (x.floor() as i32, y as i32);
    font.rasterize(
        &text.text,
        text.size * SCALE,
        text.weight,
        fraction,
        |dx, dy, coverage| {
            let color = color.mix(f64::from(coverage)).to_backend_color();
            backend
                .draw_pixel((left + dx, baseline + dy), color)
                .map_err(failed)
        },
    )
}

fn failed(error: impl std::error::Error) -> ChartError {
    ChartError::Drawing(error.to_string())
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
