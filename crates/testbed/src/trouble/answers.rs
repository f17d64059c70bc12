//! What single answers of the network lead to: shapes, causes, and answers that are wrong.

use super::{HSS, MME, Told, Trouble, row};
use crate::{
    fault::{Fault, FaultRule, Scope},
    scenario::ShapeKind,
    tour::Row,
};

/// The subscriber with a circle.
const CIRCLE: &str = "sub-02";

impl Trouble<'_> {
    /// A conforming estimate of every shape is answered as that shape.
    pub(super) async fn shapes(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (kind, at) in ShapeKind::ALL.into_iter().zip(1..) {
            let told = self.ask(&format!("sub-{at:02}")).await;
            let (shape, altitude) = mlp_shape(kind);
            let position = told.answer.as_ref().ok().and_then(|answer| answer.positions.first());
            let got = position.map(|position| (position.shape.clone(), position.altitude_m.is_some()));
            let text = match &got {
                Some((Some(shape), altitude)) => with_altitude(shape, *altitude),
                _ => told.text(),
            };
            let ok = got == Some((Some(shape.to_owned()), altitude));
            rows.push(row("every shape as itself", &format!("{kind:?}"), &with_altitude(shape, altitude), text, ok));
        }
        rows
    }

    /// Each cause in the network has its result id.
    pub(super) async fn causes(&self) -> Vec<Row> {
        let cases: [(&str, u32, bool, u16); 14] = [
            (HSS, 5001, true, 4),
            (HSS, 4201, true, 5),
            (HSS, 5490, true, 2),
            (HSS, 5012, false, 1),
            (HSS, 3004, false, 203),
            (MME, 5001, true, 4),
            (MME, 4221, true, 5),
            (MME, 4222, true, 5),
            (MME, 4223, true, 5),
            (MME, 4224, true, 202),
            (MME, 4225, true, 6),
            (MME, 5490, true, 2),
            (MME, 5012, false, 1),
            (MME, 3004, false, 203),
        ];
        let mut rows = Vec::new();
        for (node, code, experimental, result) in cases {
            // A gateway may try again, so the fault holds until it is cleared.
            let told = self.ask_with(node, Fault::Result { code, experimental }, None).await;
            let asked = format!("{node} says {code}");
            rows.push(row(
                "each cause its result",
                &asked,
                &result.to_string(),
                told.text(),
                told.result() == Some(result),
            ));
        }
        rows
    }

    /// Answers that are wrong or only odd: each request ends, and the next one is served.
    pub(super) async fn wrong_answers(&self) -> Vec<Row> {
        // A result of none: any result that is no position, as long as there is one.
        let cases = [
            (Fault::Duplicate, Some(0)),
            (Fault::AnswerToNothing, Some(0)),
            (Fault::WithoutVendorBit, Some(0)),
            (Fault::NoAgeNorAccuracy, Some(0)),
            (Fault::LowNibbleGad, None),
            (Fault::WrongHopByHop, Some(7)),
            (Fault::Drop, Some(7)),
        ];
        let mut rows = Vec::new();
        for (fault, wanted) in cases {
            let told = self.ask_with(MME, fault, None).await;
            let after = self.ask(CIRCLE).await;
            let result = told.result();
            let right = wanted.map_or(result.is_some_and(|result| result != 0), |wanted| result == Some(wanted));
            let expected = wanted.map_or("no position".to_owned(), |wanted| wanted.to_string());
            let got = format!("{}; then {}", told.text(), after.text());
            let ok = right && after.result() == Some(0);
            rows.push(row(
                "answers that are wrong",
                &format!("{fault:?}"),
                &format!("{expected}; then position"),
                got,
                ok,
            ));
        }
        for fault in [Fault::CellOnly, Fault::Garbage, Fault::Truncated, Fault::Disconnect] {
            let told = self.ask_with(MME, fault, Some(1)).await;
            let after = self.recovered(CIRCLE, self.slg_timeout).await;
            let got = format!("{}; then {}", told.text(), after.map_or("nothing", |_| "position"));
            let ok = told.result().is_some() && after.is_some();
            rows.push(row("answers that are wrong", &format!("{fault:?}"), "any result; then position", got, ok));
        }
        rows
    }

    async fn ask_with(&self, node: &str, fault: Fault, times: Option<u32>) -> Told {
        let scope = Scope::Node(node.to_owned());
        self.network.faults().add(scope.clone(), FaultRule { fault, times });
        let told = self.ask(CIRCLE).await;
        self.network.faults().clear(&scope);
        told
    }
}

fn with_altitude(shape: &str, altitude: bool) -> String {
    if altitude { format!("{shape} with altitude") } else { shape.to_owned() }
}

/// The MLP element of a shape, and whether an altitude goes with it (OMA MLP section 5.3.115).
fn mlp_shape(kind: ShapeKind) -> (&'static str, bool) {
    match kind {
        ShapeKind::Point => ("Point", false),
        ShapeKind::Circle => ("CircularArea", false),
        ShapeKind::Ellipse | ShapeKind::HaEllipse | ShapeKind::HaScalableEllipse => ("EllipticalArea", false),
        ShapeKind::Polygon => ("Polygon", false),
        ShapeKind::PointAltitude => ("Point", true),
        ShapeKind::AltitudeEllipsoid | ShapeKind::HaAltitudeEllipsoid | ShapeKind::HaAltitudeScalableEllipsoid => {
            ("EllipticalArea", true)
        }
        ShapeKind::Arc => ("CircularArcArea", false),
    }
}
