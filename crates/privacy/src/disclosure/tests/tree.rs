//! The tree against RFC 6962's own test vectors and another implementation.

use super::*;
use ct_merkle::HashableLeaf;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;
use sha2::digest::Update;

/// The eight leaves of the reference implementation of RFC 6962.
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
/// Roots over the first n of them.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[derive(Clone)]
struct Leaf(Vec<u8>);

impl HashableLeaf for Leaf {
    fn hash<H: Update>(&self, hasher: &mut H) {
        hasher.update(&self.0);
    }
}

/// A published tree of so many leaves, without a log: tiles made from the leaves.
pub(super) fn tiles(leaves: &[Hash]) -> Memory {
    let memory = Memory::new(0);
    let mut edge = crate::disclosure::tile::Edge::default();
    let put = |level, index, row: &[Hash]| {
        let path = tile_path(level, index, row.len() as u64);
        memory.set_object(&path, Some(row.as_flattened().to_vec()));
    };
    for (index, leaf) in leaves.iter().enumerate() {
        edge.push(index as u64, *leaf, |level, index, row| {
            put(level, index, row);
            Ok::<(), StorageError>(())
        })
        .unwrap();
    }
    edge.partial(leaves.len() as u64).for_each(|(level, index, row)| put(level, index, row));
    memory
}

#[test]
fn roots_of_the_reference_implementation() {
    let mut frontier = Frontier::default();
    assert_eq!(frontier.root().to_vec(), hex(ROOTS[0]));
    for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
        frontier.push(leaf_hash(&hex(leaf)));
        assert_eq!(frontier.root().to_vec(), hex(root));
    }
}

#[test]
fn proofs_of_the_reference_implementation() {
    // RFC 6962 section 2.1.3 describes these paths; the hashes are those of the reference implementation.
    let leaves: Vec<Hash> = LEAVES.iter().map(|leaf| leaf_hash(&hex(leaf))).collect();
    let mut memory = tiles(&leaves);
    let mut tiles = Tiles::new(&mut memory, 8);
    let inclusion = |index, size, tiles: &mut Tiles<'_, Memory>| -> Vec<Vec<u8>> {
        tiles.inclusion(index, size).unwrap().iter().map(|hash| hash.to_vec()).collect()
    };
    assert_eq!(inclusion(0, 1, &mut tiles), Vec::<Vec<u8>>::new());
    let path_0_8 = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ];
    assert_eq!(inclusion(0, 8, &mut tiles), path_0_8.map(hex));
    let path_5_8 = [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(inclusion(5, 8, &mut tiles), path_5_8.map(hex));
    let consistency_6_8 = [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    let path: Vec<Vec<u8>> = tiles.consistency(6, 8).unwrap().iter().map(|hash| hash.to_vec()).collect();
    assert_eq!(path, consistency_6_8.map(hex));
}

#[test]
fn every_proof_of_small_trees_holds_and_matches_another_implementation() {
    let mut other = MemoryBackedTree::<Sha256, Leaf>::new();
    let records: Vec<Vec<u8>> = (0..300_u16).map(|n| n.to_be_bytes().repeat(usize::from(n % 7))).collect();
    let leaves: Vec<Hash> = records.iter().map(|record| leaf_hash(record)).collect();
    let mut frontier = Frontier::default();
    let mut roots = vec![frontier.root()];
    for (record, leaf) in records.iter().zip(&leaves) {
        other.push(Leaf(record.clone()));
        frontier.push(*leaf);
        assert_eq!(frontier.root(), <[u8; 32]>::from(*other.root().as_bytes()));
        roots.push(frontier.root());
        let size = frontier.size();
        let mut memory = tiles(&leaves[..size as usize]);
        let mut tiles = Tiles::new(&mut memory, size);
        assert_eq!(tiles.root(size).unwrap(), frontier.root());
        if size > 40 && size % 37 != 0 && size.abs_diff(256) > 2 {
            continue;
        }
        for index in 0..size {
            let ours = tiles.inclusion(index, size).unwrap();
            let theirs = other.prove_inclusion(index as usize);
            assert_eq!(ours.as_flattened(), theirs.as_bytes());
            verify_inclusion(&leaves[index as usize], index, size, &ours, &frontier.root()).unwrap();
            let mut wrong = leaves[index as usize];
            wrong[0] ^= 1;
            assert_eq!(verify_inclusion(&wrong, index, size, &ours, &frontier.root()), Err(ProofError::Mismatch));
        }
        for old in 1..size {
            let ours = tiles.consistency(old, size).unwrap();
            let theirs = other.prove_consistency((size - old) as usize);
            assert_eq!(ours.as_flattened(), theirs.as_bytes());
            let older = (old, &roots[old as usize]);
            verify_consistency(older, (size, &frontier.root()), &ours).unwrap();
            let mut wrong = roots[old as usize];
            wrong[31] ^= 0x80;
            assert_eq!(verify_consistency((old, &wrong), (size, &frontier.root()), &ours), Err(ProofError::Mismatch));
        }
    }
}

#[test]
fn proofs_of_the_wrong_length_or_place_are_refused() {
    let leaves: Vec<Hash> = (0..13_u8).map(|n| leaf_hash(&[n])).collect();
    let mut memory = tiles(&leaves);
    let mut tiles = Tiles::new(&mut memory, 13);
    let root = tiles.root(13).unwrap();
    for index in 0..13 {
        let path = tiles.inclusion(index, 13).unwrap();
        let leaf = &leaves[index as usize];
        assert_eq!(verify_inclusion(leaf, index, 13, &path[1..], &root), Err(ProofError::WrongLength));
        let longer = [path.as_slice(), &[[0; 32]]].concat();
        assert_eq!(verify_inclusion(leaf, index, 13, &longer, &root), Err(ProofError::WrongLength));
        for other in (0..13).filter(|other| *other != index) {
            assert!(verify_inclusion(leaf, other, 13, &path, &root).is_err());
        }
        assert_eq!(verify_inclusion(leaf, 13, 13, &path, &root), Err(ProofError::OutsideTree));
    }
    assert_eq!(tiles.inclusion(13, 13), Err(ProveError::Outside { size: 13 }));
    assert_eq!(tiles.consistency(14, 13), Err(ProveError::Outside { size: 13 }));
    assert_eq!(verify_consistency((14, &root), (13, &root), &[]), Err(ProofError::OutsideTree));
    verify_consistency((0, &empty_root()), (13, &root), &[]).unwrap();
    verify_consistency((13, &root), (13, &root), &[]).unwrap();
    assert_eq!(verify_consistency((0, &root), (13, &root), &[]), Err(ProofError::Mismatch));
}

#[test]
fn proofs_read_few_tiles_however_large_the_tree() {
    // 70,000 leaves: two full levels and a third begun. One tile of each level suffices, and the right edge of each.
    let leaves: Vec<Hash> = (0..70_000_u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
    let mut memory = tiles(&leaves);
    // The widths are those of the example in C2SP tlog-tiles.
    let paths: Vec<String> = memory.objects().into_keys().collect();
    assert_eq!(paths.iter().filter(|path| path.starts_with("tile/0/") && !path.contains(".p/")).count(), 273);
    for path in ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"] {
        assert!(paths.iter().any(|p| p == path), "{path}");
    }
    for index in [0, 1, 255, 256, 65_535, 65_536, 69_999] {
        let mut tiles = Tiles::new(&mut memory, 70_000);
        let path = tiles.inclusion(index, 70_000).unwrap();
        assert!(tiles.reads() <= 5, "{}", tiles.reads());
        let root = tiles.root(70_000).unwrap();
        verify_inclusion(&leaves[index as usize], index, 70_000, &path, &root).unwrap();
    }
}

#[test]
fn paths_of_tiles() {
    assert_eq!(tile_path(0, 0, 256), "tile/0/000");
    assert_eq!(tile_path(0, 1_234_067, 256), "tile/0/x001/x234/067");
    assert_eq!(tile_path(2, 5, 17), "tile/2/005.p/17");
    assert_eq!(bundle_path(1000, 1), "tile/entries/x001/000.p/1");
}

proptest! {
    #[test]
    fn random_trees_agree(sizes in proptest::collection::vec(0_usize..64, 1..600)) {
        let mut other = MemoryBackedTree::<Sha256, Leaf>::new();
        let mut frontier = Frontier::default();
        for size in sizes {
            let record = vec![0xA5; size];
            frontier.push(leaf_hash(&record));
            other.push(Leaf(record));
        }
        prop_assert_eq!(frontier.root(), <[u8; 32]>::from(*other.root().as_bytes()));
        let again = Frontier::from_parts(frontier.size(), frontier.peaks().to_vec());
        prop_assert_eq!(again, Some(frontier));
    }
}
