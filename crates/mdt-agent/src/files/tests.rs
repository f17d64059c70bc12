use super::*;
use std::os::unix::fs::PermissionsExt as _;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn objects_are_appended_to_read_and_erased() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("log");
    let mut files = LogFiles::new(&folder).unwrap();
    assert_eq!(files.objects(), Ok(vec![]));
    assert_eq!(files.len(7), Err(StorageError::Missing));
    files.append(7, b"abc").unwrap();
    files.append(9, b"x").unwrap();
    files.append(7, b"def").unwrap();
    files.flush(7).unwrap();
    assert_eq!(files.len(7), Ok(6));
    let mut octets = [0; 4];
    assert_eq!(files.read(7, 2, &mut octets), Ok(4));
    assert_eq!(&octets, b"cdef");
    assert_eq!(files.read(7, 5, &mut octets), Ok(1));
    assert_eq!(files.read(7, 60, &mut octets), Ok(0));
    assert_eq!((mode(&folder), mode(&folder.join("00000007.mdts"))), (0o700, 0o600));
    let mut objects = LogFiles::new(&folder).unwrap().objects().unwrap();
    objects.sort_unstable();
    assert_eq!(objects, [7, 9]);
    files.erase(7).unwrap();
    files.erase(7).unwrap();
    assert_eq!(files.objects(), Ok(vec![9]));
    assert_eq!(files.read(7, 0, &mut octets), Err(StorageError::Missing));
}

#[test]
fn the_key_file_is_replaced_at_once_and_the_old_record_is_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("keys");
    let mut keys = KeyFile::new(&folder).unwrap();
    assert!(keys.load().unwrap().is_none());
    keys.replace(b"first record").unwrap();
    assert_eq!(mode(&folder.join("vault")), 0o600);
    // Somebody who still has the old file open sees it overwritten.
    let old = File::open(folder.join("vault")).unwrap();
    keys.replace(b"second").unwrap();
    let mut seen = [1; 12];
    old.read_exact_at(&mut seen, 0).unwrap();
    assert_eq!(seen, [0; 12]);
    assert_eq!(keys.load().unwrap().unwrap().as_slice(), b"second");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn what_a_crash_left_of_a_replacement_goes_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("keys");
    let mut keys = KeyFile::new(&folder).unwrap();
    keys.replace(b"now").unwrap();
    std::fs::write(folder.join("vault.old"), b"old keys").unwrap();
    std::fs::write(folder.join("vault.new"), b"half").unwrap();
    let old = File::open(folder.join("vault.old")).unwrap();
    assert_eq!(KeyFile::new(&folder).unwrap().load().unwrap().unwrap().as_slice(), b"now");
    let mut seen = [1; 8];
    old.read_exact_at(&mut seen, 0).unwrap();
    assert_eq!((seen, std::fs::read_dir(&folder).unwrap().count()), ([0; 8], 1));
}

#[test]
fn a_folder_that_others_look_into_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let open = dir.path().join("open");
    std::fs::create_dir(&open).unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o750)).unwrap();
    assert_eq!(own_folder(&open).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    assert!(LogFiles::new(&open).is_err() && KeyFile::new(&open).is_err());
}

#[test]
fn a_folder_is_one_daemons_alone() {
    let dir = tempfile::tempdir().unwrap();
    let claim = Claim::of(dir.path()).unwrap();
    assert_eq!(Claim::of(dir.path()).err().map(|error| error.kind()), Some(io::ErrorKind::ResourceBusy));
    drop(claim);
    assert!(Claim::of(dir.path()).is_ok());
}
