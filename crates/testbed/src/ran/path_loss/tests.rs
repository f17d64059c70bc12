use super::*;

fn link(ground_m: f64, site_m: f64, carrier_ghz: f64) -> Link {
    Link { ground_m, site_m, phone_m: 1.5, carrier_ghz }
}

/// (surroundings, link, loss with line of sight, loss without), each worked by hand with d3D from d2D and the heights.
#[test]
fn losses_worked_by_hand() {
    let town = |ground_m| link(ground_m, 25.0, 2.0);
    let street = |ground_m| link(ground_m, 10.0, 3.5);
    let country = |ground_m| link(ground_m, 35.0, 0.8);
    for (surroundings, link, seen, hidden) in [
        // d3D 102.724 m: 28 + 22*2.01167 + 20*0.30103; 13.54 + 39.08*2.01167 + 6.02060.
        (Surroundings::UrbanMacro, town(100.0), 78.2774, 98.1768),
        // Behind the breakpoint of 4*24*0.5*2e9/3e8 = 320 m: 28 + 40*3.00012 + 6.02060 - 9*lg(320^2 + 23.5^2) = 108.9117.
        (Surroundings::UrbanMacro, town(1000.0), 108.9117, 136.8053),
        // 32.4 + 21*2.00156 + 20*0.54407; 22.4 + 35.3*2.00156 + 21.3*0.54407.
        (Surroundings::UrbanMicro, street(100.0), 85.3142, 104.6438),
        // Behind 4*9*0.5*3.5e9/3e8 = 210 m: 32.4 + 40*2.60216 + 10.88136 - 9.5*lg(210^2 + 8.5^2).
        (Surroundings::UrbanMicro, street(400.0), 103.2388, 125.8448),
        // 20*lg(40*pi*501.121*0.8/3) + 0.4777*2.69994 - 0.7006 + 0.001398*501.121.
        (Surroundings::RuralMacro, country(500.0), 85.7924, 106.0031),
        // Behind 2*pi*35*1.5*0.8e9/3e8 = 879.646 m: PL1(879.646) + 40*lg(3000.187/879.646).
        (Surroundings::RuralMacro, country(3000.0), 112.6392, 136.0292),
    ] {
        let near = |loss: f64, wanted: f64| (loss - wanted).abs() < 1e-4;
        assert!(near(surroundings.path_loss_db(link, true), seen), "{surroundings:?} {link:?} seen");
        assert!(near(surroundings.path_loss_db(link, false), hidden), "{surroundings:?} {link:?} hidden");
    }
    assert!((Surroundings::UrbanMacro.breakpoint_m(town(1.0)) - 320.0).abs() < 1e-9);
    assert!((Surroundings::RuralMacro.breakpoint_m(country(1.0)) - 879.646).abs() < 1e-3);
}

#[test]
fn sight_worked_by_hand() {
    // 18/100 + exp(-100/63)*(1 - 18/100); the same with 36; exp(-90/1000).
    for (surroundings, at_100_m, at_500_m) in [
        (Surroundings::UrbanMacro, 0.347_671, 0.036_345),
        (Surroundings::UrbanMicro, 0.230_985, 0.036_001),
        (Surroundings::RuralMacro, 0.913_931, 0.612_626),
    ] {
        assert!((surroundings.line_of_sight(100.0) - at_100_m).abs() < 1e-6, "{surroundings:?}");
        assert!((surroundings.line_of_sight(500.0) - at_500_m).abs() < 1e-6, "{surroundings:?}");
        assert_eq!(surroundings.line_of_sight(0.0), 1.0);
        assert_eq!(surroundings.line_of_sight(10.0), 1.0);
    }
}

/// Losses grow with the distance and never jump, at the breakpoint neither; who does not see the antenna hears it no better.
#[test]
fn losses_grow_and_do_not_jump() {
    for surroundings in Surroundings::ALL {
        for sight in [true, false] {
            let at = |m: u32| surroundings.path_loss_db(link(f64::from(m), 30.0, 1.8), sight);
            for metres in 10..5000 {
                let step = at(metres + 1) - at(metres);
                assert!((0.0..2.0).contains(&step), "{surroundings:?} {sight} {metres}: {step}");
            }
            assert_eq!(at(0), at(10), "nearer than the formulas reach");
        }
        for metres in (0..5000).step_by(7) {
            let link = link(f64::from(metres), 30.0, 1.8);
            assert!(surroundings.path_loss_db(link, false) >= surroundings.path_loss_db(link, true));
            let (here, farther) =
                (surroundings.line_of_sight(link.ground_m), surroundings.line_of_sight(link.ground_m + 7.0));
            assert!((0.0..=1.0).contains(&here) && farther <= here, "{surroundings:?} {metres}");
        }
    }
}

#[test]
fn a_higher_carrier_loses_more_and_a_higher_phone_less() {
    for surroundings in Surroundings::ALL {
        for sight in [true, false] {
            let loss = |carrier_ghz, phone_m| {
                surroundings.path_loss_db(Link { ground_m: 700.0, site_m: 25.0, phone_m, carrier_ghz }, sight)
            };
            assert!(loss(3.5, 1.5) > loss(0.8, 1.5));
            assert!(loss(2.0, 10.0) < loss(2.0, 1.5));
        }
    }
}

#[test]
fn deviations_are_those_of_the_table() {
    let near = link(100.0, 35.0, 0.8);
    let far = link(2000.0, 35.0, 0.8);
    assert_eq!(Surroundings::UrbanMacro.shadow_db(near, true), 4.0);
    assert_eq!(Surroundings::UrbanMacro.shadow_db(near, false), 6.0);
    assert_eq!(Surroundings::UrbanMicro.shadow_db(near, false), 7.82);
    assert_eq!(Surroundings::RuralMacro.shadow_db(near, true), 4.0);
    assert_eq!(Surroundings::RuralMacro.shadow_db(far, true), 6.0);
    assert_eq!(Surroundings::RuralMacro.shadow_db(far, false), 8.0);
}
