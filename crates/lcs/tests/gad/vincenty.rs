//! Vincenty's formulae for geodesics on WGS84: a second opinion on distances, good to less than a millimetre where it settles.

use lcs::gad::Position;

const A: f64 = 6_378_137.0;
const F: f64 = 1.0 / 298.257_223_563;
const B: f64 = A * (1.0 - F);

/// Geodesic distance in metres; `None` for points nearly opposite on the Earth, where the series does not settle.
pub(crate) fn distance(p: Position, q: Position) -> Option<f64> {
    let difference = (q.lon_deg - p.lon_deg).to_radians();
    let reduced = |lat_deg: f64| ((1.0 - F) * lat_deg.to_radians().tan()).atan();
    let ((su1, cu1), (su2, cu2)) = (reduced(p.lat_deg).sin_cos(), reduced(q.lat_deg).sin_cos());
    let mut lambda = difference;
    for _ in 0..200 {
        let (sl, cl) = lambda.sin_cos();
        let sin_sigma = (cu2 * sl).hypot(cu1 * su2 - su1 * cu2 * cl);
        if sin_sigma == 0.0 {
            return Some(0.0);
        }
        let cos_sigma = su1 * su2 + cu1 * cu2 * cl;
        let sigma = sin_sigma.atan2(cos_sigma);
        let sin_alpha = cu1 * cu2 * sl / sin_sigma;
        let cos2_alpha = 1.0 - sin_alpha * sin_alpha;
        let cos_2m = if cos2_alpha < 1e-15 { 0.0 } else { cos_sigma - 2.0 * su1 * su2 / cos2_alpha };
        let c = F / 16.0 * cos2_alpha * (4.0 + F * (4.0 - 3.0 * cos2_alpha));
        let next = difference
            + (1.0 - c)
                * F
                * sin_alpha
                * (sigma + c * sin_sigma * (cos_2m + c * cos_sigma * (2.0 * cos_2m * cos_2m - 1.0)));
        if next.abs() > 2.0 * core::f64::consts::PI {
            return None;
        }
        if (next - lambda).abs() < 1e-12 {
            let u2 = cos2_alpha * (A * A - B * B) / (B * B);
            let (big_a, big_b) = series(u2);
            return Some(B * big_a * (sigma - delta(big_b, sin_sigma, cos_sigma, cos_2m)));
        }
        lambda = next;
    }
    None
}

/// The place at `metres` along the geodesic that leaves `p` with `bearing_deg`.
pub(crate) fn destination(p: Position, bearing_deg: f64, metres: f64) -> Position {
    let (sa, ca) = bearing_deg.to_radians().sin_cos();
    let tan_u = (1.0 - F) * p.lat_deg.to_radians().tan();
    let cu = 1.0 / 1.0f64.hypot(tan_u);
    let su = tan_u * cu;
    let sigma1 = tan_u.atan2(ca);
    let sin_alpha = cu * sa;
    let cos2_alpha = 1.0 - sin_alpha * sin_alpha;
    let (big_a, big_b) = series(cos2_alpha * (A * A - B * B) / (B * B));
    let mut sigma = metres / (B * big_a);
    for _ in 0..100 {
        let cos_2m = (2.0 * sigma1 + sigma).cos();
        let next = metres / (B * big_a) + delta(big_b, sigma.sin(), sigma.cos(), cos_2m);
        let settled = (next - sigma).abs() < 1e-13;
        sigma = next;
        if settled {
            break;
        }
    }
    let cos_2m = (2.0 * sigma1 + sigma).cos();
    let (ss, cs) = sigma.sin_cos();
    let across = su * ss - cu * cs * ca;
    let latitude = (su * cs + cu * ss * ca).atan2((1.0 - F) * sin_alpha.hypot(across));
    let lambda = (ss * sa).atan2(cu * cs - su * ss * ca);
    let c = F / 16.0 * cos2_alpha * (4.0 + F * (4.0 - 3.0 * cos2_alpha));
    let turned =
        lambda - (1.0 - c) * F * sin_alpha * (sigma + c * ss * (cos_2m + c * cs * (2.0 * cos_2m * cos_2m - 1.0)));
    let lon_deg = (p.lon_deg + turned.to_degrees() + 180.0).rem_euclid(360.0) - 180.0;
    Position { lat_deg: latitude.to_degrees(), lon_deg }
}

fn series(u2: f64) -> (f64, f64) {
    (
        1.0 + u2 / 16384.0 * (4096.0 + u2 * (-768.0 + u2 * (320.0 - 175.0 * u2))),
        u2 / 1024.0 * (256.0 + u2 * (-128.0 + u2 * (74.0 - 47.0 * u2))),
    )
}

fn delta(big_b: f64, sin: f64, cos: f64, cos_2m: f64) -> f64 {
    let square = 2.0 * cos_2m * cos_2m - 1.0;
    big_b
        * sin
        * (cos_2m
            + big_b / 4.0
                * (cos * square - big_b / 6.0 * cos_2m * (4.0 * sin * sin - 3.0) * (4.0 * cos_2m * cos_2m - 3.0)))
}

#[test]
fn known_geodesic() {
    // Flinders Peak to Buninyon, the published example for GDA94: 54972.271 m at 306 deg 52' 05.37".
    let degrees = |d: f64, m: f64, s: f64| d + m / 60.0 + s / 3600.0;
    let flinders = Position { lat_deg: -degrees(37.0, 57.0, 3.7203), lon_deg: degrees(144.0, 25.0, 29.5244) };
    let buninyon = Position { lat_deg: -degrees(37.0, 39.0, 10.1561), lon_deg: degrees(143.0, 55.0, 35.3839) };
    assert!((distance(flinders, buninyon).unwrap() - 54_972.271).abs() < 0.001);
    let reached = destination(flinders, degrees(306.0, 52.0, 5.37), 54_972.271);
    assert!((reached.lat_deg - buninyon.lat_deg).abs() < 1e-8 && (reached.lon_deg - buninyon.lon_deg).abs() < 1e-8);
}
