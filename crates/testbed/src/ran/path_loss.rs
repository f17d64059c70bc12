//! Path loss between an outdoor phone and a site, and whether they see each other (TR 38.901 clauses 7.4.1 and 7.4.2).

use serde::Deserialize;
use std::f64::consts::PI;

/// Speed of light as the report rounds it, m/s.
const LIGHT_M_S: f64 = 3.0e8;
/// Height of what surrounds a phone, metres: the effective environment height of UMi, and of UMa below 13 m (Table 7.4.1-1 NOTE 1).
const ENVIRONMENT_M: f64 = 1.0;
/// Average height of buildings, metres (Table 7.4.1-1, RMa).
const BUILDING_M: f64 = 5.0;
/// Average width of streets, metres (Table 7.4.1-1, RMa).
const STREET_M: f64 = 20.0;
/// Least distance that the formulas hold for, metres.
pub const LEAST_M: f64 = 10.0;

/// The surroundings of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surroundings {
    /// UMa: a town, the antenna above the roofs.
    UrbanMacro,
    /// UMi, street canyon: a town, the antenna below the roofs.
    UrbanMicro,
    /// RMa: the country.
    RuralMacro,
}

/// A radio link as the formulas see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Distance on the ground, metres (Figure 7.4.1-1, d2D).
    pub ground_m: f64,
    /// Height of the antenna of the site, metres.
    pub site_m: f64,
    /// Height of the phone, metres: 1 to 10 in the country, 1.5 to 13 elsewhere.
    pub phone_m: f64,
    /// Carrier frequency, GHz: 0.5 to 100, in the country to 30.
    pub carrier_ghz: f64,
}

impl Link {
    /// The same, at least as long as the formulas ask for.
    fn held(self) -> Self {
        Self { ground_m: self.ground_m.max(LEAST_M), ..self }
    }

    /// Distance between the antennas, metres (d3D).
    #[must_use]
    pub fn distance_m(self) -> f64 {
        self.ground_m.hypot(self.site_m - self.phone_m)
    }
}

impl Surroundings {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::UrbanMacro, Self::UrbanMicro, Self::RuralMacro];

    /// Probability that an outdoor phone so far away sees the antenna (Table 7.4.2-1), for phones up to 13 m.
    #[must_use]
    pub fn line_of_sight(self, ground_m: f64) -> f64 {
        let street = |decay_m: f64| {
            let share = 18.0 / ground_m;
            if ground_m <= 18.0 { 1.0 } else { share + (-ground_m / decay_m).exp() * (1.0 - share) }
        };
        match self {
            Self::UrbanMacro => street(63.0),
            Self::UrbanMicro => street(36.0),
            Self::RuralMacro if ground_m <= 10.0 => 1.0,
            Self::RuralMacro => (-(ground_m - 10.0) / 1000.0).exp(),
        }
    }

    /// How far the formulas reach, metres on the ground (Table 7.4.1-1). A site farther away is not heard.
    #[must_use]
    pub fn reach_m(self, sight: bool) -> f64 {
        match (self, sight) {
            (Self::RuralMacro, true) => 10_000.0,
            _ => 5_000.0,
        }
    }

    /// Where the loss begins to grow faster, metres on the ground (Table 7.4.1-1 NOTES 1 and 5).
    #[must_use]
    pub fn breakpoint_m(self, link: Link) -> f64 {
        let waves_m = link.carrier_ghz * 1e9 / LIGHT_M_S;
        match self {
            Self::RuralMacro => 2.0 * PI * link.site_m * link.phone_m * waves_m,
            _ => 4.0 * (link.site_m - ENVIRONMENT_M) * (link.phone_m - ENVIRONMENT_M) * waves_m,
        }
    }

    /// Path loss, dB (Table 7.4.1-1). Nearer than 10 m it is that at 10 m.
    #[must_use]
    pub fn path_loss_db(self, link: Link, sight: bool) -> f64 {
        let link = link.held();
        let seen = match self {
            Self::UrbanMacro => self.street_db(link, [28.0, 22.0, 9.0]),
            Self::UrbanMicro => self.street_db(link, [32.4, 21.0, 9.5]),
            Self::RuralMacro => self.country_db(link),
        };
        if sight { seen } else { seen.max(self.hidden_db(link)) }
    }

    /// PL1 and PL2 of UMa and UMi with line of sight: constant, slope in dB a decade before the breakpoint, and weight of the breakpoint.
    fn street_db(self, link: Link, [constant, slope, weight]: [f64; 3]) -> f64 {
        let distance = link.distance_m().log10();
        let carrier = constant + 20.0 * link.carrier_ghz.log10();
        let breakpoint_m = self.breakpoint_m(link);
        if link.ground_m <= breakpoint_m {
            return carrier + slope * distance;
        }
        let rise_m = link.site_m - link.phone_m;
        carrier + 40.0 * distance - weight * (breakpoint_m.powi(2) + rise_m.powi(2)).log10()
    }

    /// PL1 and PL2 of RMa with line of sight.
    fn country_db(self, link: Link) -> f64 {
        let before = |distance_m: f64| {
            20.0 * (40.0 * PI * distance_m * link.carrier_ghz / 3.0).log10()
                + (0.03 * BUILDING_M.powf(1.72)).min(10.0) * distance_m.log10()
                - (0.044 * BUILDING_M.powf(1.72)).min(14.77)
                + 0.002 * BUILDING_M.log10() * distance_m
        };
        let breakpoint_m = self.breakpoint_m(link);
        if link.ground_m <= breakpoint_m {
            return before(link.distance_m());
        }
        before(breakpoint_m) + 40.0 * (link.distance_m() / breakpoint_m).log10()
    }

    /// PL' without line of sight.
    fn hidden_db(self, link: Link) -> f64 {
        let (distance, carrier) = (link.distance_m().log10(), link.carrier_ghz.log10());
        match self {
            Self::UrbanMacro => 13.54 + 39.08 * distance + 20.0 * carrier - 0.6 * (link.phone_m - 1.5),
            Self::UrbanMicro => 35.3 * distance + 22.4 + 21.3 * carrier - 0.3 * (link.phone_m - 1.5),
            Self::RuralMacro => {
                let site = link.site_m.log10();
                161.04 - 7.1 * STREET_M.log10() + 7.5 * BUILDING_M.log10()
                    - (24.37 - 3.7 * (BUILDING_M / link.site_m).powi(2)) * site
                    + (43.42 - 3.1 * site) * (distance - 3.0)
                    + 20.0 * carrier
                    - (3.2 * (11.75 * link.phone_m).log10().powi(2) - 4.97)
            }
        }
    }

    /// Standard deviation of the shadowing, dB (Table 7.4.1-1).
    #[must_use]
    pub fn shadow_db(self, link: Link, sight: bool) -> f64 {
        match (self, sight) {
            (Self::UrbanMacro, true) | (Self::UrbanMicro, true) => 4.0,
            (Self::UrbanMacro, false) => 6.0,
            (Self::UrbanMicro, false) => 7.82,
            (Self::RuralMacro, true) if link.ground_m <= self.breakpoint_m(link) => 4.0,
            (Self::RuralMacro, true) => 6.0,
            (Self::RuralMacro, false) => 8.0,
        }
    }

    /// Distance over which the shadowing decorrelates to 1/e, metres (Table 7.5-6).
    #[must_use]
    pub fn shadow_m(self, sight: bool) -> f64 {
        match (self, sight) {
            (Self::UrbanMacro | Self::RuralMacro, true) => 37.0,
            (Self::UrbanMacro, false) => 50.0,
            (Self::UrbanMicro, true) => 10.0,
            (Self::UrbanMicro, false) => 13.0,
            (Self::RuralMacro, false) => 120.0,
        }
    }

    /// The same of whether the antenna is seen, metres (Table 7.6.3.1-2).
    #[must_use]
    pub fn sight_m(self) -> f64 {
        match self {
            Self::UrbanMacro | Self::UrbanMicro => 50.0,
            Self::RuralMacro => 60.0,
        }
    }
}

#[cfg(test)]
mod tests;
