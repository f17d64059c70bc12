//! Every arrangement of three gateways, walked whole.

use crate::{
    network::Mode,
    people::{N, Plain},
    world::{ALL, World, by_number, by_pseudonym},
};

/// Who asks, who is home and where the subscriber is; by number or pseudonym; what tables and home registers tell; who uses Lr: a
/// position is given exactly where the check at home can be had, and every skip is the standard's.
#[test]
fn every_skip_of_steps_in_every_arrangement() {
    let bits = |number: usize| core::array::from_fn::<bool, 6, _>(|bit| number >> bit & 1 == 1);
    for (r, h, v) in ALL.into_iter().flat_map(|r| ALL.into_iter().flat_map(move |h| ALL.map(|v| (r, h, v)))) {
        for [table, told_home, told_visited, with_home, with_visited, pseudonym] in (0..64).map(bits) {
            let mut mode = Mode { table, told_home, told_visited, ..Mode::roaming() };
            (mode.lr[r][h], mode.lr[h][v]) = (with_home, with_visited);
            let uses_lr = (mode.lr[r][h], mode.lr[h][v]);
            let mut world = World::one(mode, h, v, Plain::listed(N));
            let asked = if pseudonym { by_pseudonym(0, Some(h)) } else { by_number(0, h) };
            let answered = world.answer(r, &asked);
            let name = format!("{:?}", ((r, h, v), table, told_home, told_visited, uses_lr, pseudonym));

            let known = pseudonym || table || told_home;
            let referred = r != h && known && uses_lr.0;
            let given = r == h || referred;
            let relayed = given && v != h && told_visited && uses_lr.1;
            assert_eq!(answered.fix().is_some(), given, "{name}: {answered:?}");
            assert_eq!(answered.referred, if referred { vec![(r, h)] } else { vec![] }, "{name}");
            // Steps 2 and 3 where nothing else tells the home gateway; steps 6 and 7 at home.
            let asks_first = r != h && !pseudonym && !table;
            let registers: Vec<usize> = asks_first.then_some(r).into_iter().chain(given.then_some(h)).collect();
            assert_eq!(answered.registers, registers, "{name}");
            let by: Vec<usize> = answered.nodes.iter().map(|asked| asked.by).collect();
            assert_eq!(by, if given { vec![if relayed { v } else { h }] } else { vec![] }, "{name}");
            let mut entries = [0; 3];
            entries[r] += 1;
            entries[h] += usize::from(referred);
            entries[v] += usize::from(relayed);
            assert_eq!(answered.counts(), entries, "{name}");
            assert!(world.networks.resolved().iter().all(|(by, home)| by == home), "{name}");
        }
    }
}
