//! The challenge of a service (RFC 9110 section 11.6.1) and the credentials that answer it.
//!
//! ```text
//! WWW-Authenticate: Pseudonym realm="shop", audience="shop", nonce="GlKzYW1…"
//! Authorization: Pseudonym eyJ0eXAiOiJwc2V1ZG9ueW0…
//! ```

use core::fmt;

/// The name of the authentication scheme. Compared without regard to case (RFC 9110 section 11.1).
pub const SCHEME: &str = "Pseudonym";
/// Longest value of a header that is looked at, octets.
const HEADER_MAX: usize = 4096;
/// Longest realm and audience, octets.
const NAME_MAX: usize = 64;
/// Shortest and longest nonce, characters.
const NONCE: core::ops::RangeInclusive<usize> = 16..=128;

/// A service's request to be told who is there, under a pseudonym.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    realm: String,
    audience: String,
    nonce: String,
}

/// Why there is no challenge to answer, though one of the scheme was sent; or why none can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChallengeError {
    /// The header does not follow RFC 9110 section 11.6.1, or is too long.
    #[error("WWW-Authenticate is not as RFC 9110 section 11.6.1 has it")]
    Malformed,
    /// More than one challenge of the scheme.
    #[error("more than one Pseudonym challenge; send one")]
    Several,
    /// A parameter is missing, there twice, or not of the form that it must have.
    #[error("parameter {0} of the Pseudonym challenge is missing, there twice, or not of its form")]
    Parameter(&'static str),
}

impl Challenge {
    /// A challenge. `realm` is a name for people, `audience` the account of the client at the operator, `nonce` what the token must
    /// repeat: new and unpredictable each time.
    ///
    /// # Errors
    /// Realm or audience are not 1-64 printable characters of ASCII, the nonce not 16-128 letters, digits and `-_.~`.
    pub fn new(realm: &str, audience: &str, nonce: &str) -> Result<Self, ChallengeError> {
        let name = |text: &str| (1..=NAME_MAX).contains(&text.len()) && text.bytes().all(|b| (0x20..0x7F).contains(&b));
        if !name(realm) {
            return Err(ChallengeError::Parameter("realm"));
        }
        if !name(audience) {
            return Err(ChallengeError::Parameter("audience"));
        }
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
        if !NONCE.contains(&nonce.len()) || !nonce.bytes().all(unreserved) {
            return Err(ChallengeError::Parameter("nonce"));
        }
        Ok(Self { realm: realm.to_owned(), audience: audience.to_owned(), nonce: nonce.to_owned() })
    }

    /// The one challenge of this scheme among the values of `WWW-Authenticate`; `None` if there is none. Challenges of other schemes
    /// may stand beside it.
    ///
    /// # Errors
    /// There are several, or the one is not sound. A header that cannot be taken apart may hide one, and is an error too.
    pub fn find<'v>(values: impl IntoIterator<Item = &'v [u8]>) -> Result<Option<Self>, ChallengeError> {
        let mut found = None;
        for value in values {
            if value.len() > HEADER_MAX {
                return Err(ChallengeError::Malformed);
            }
            for one in split(value)?.into_iter().filter(|one| one.scheme.eq_ignore_ascii_case(SCHEME)) {
                if found.is_some() {
                    return Err(ChallengeError::Several);
                }
                found = Some(Self::of(&one)?);
            }
        }
        Ok(found)
    }

    fn of(one: &Raw<'_>) -> Result<Self, ChallengeError> {
        let parameter = |name: &'static str| {
            let mut same = one.parameters.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
            match (same.next(), same.next()) {
                (Some((_, value)), None) => Ok(value.as_str()),
                _ => Err(ChallengeError::Parameter(name)),
            }
        };
        Self::new(parameter("realm")?, parameter("audience")?, parameter("nonce")?)
    }

    /// Name of the protection space, for people.
    #[must_use]
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// Account of the client that wants to know.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// What the token must repeat.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }
}

/// The value of `WWW-Authenticate`.
impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{SCHEME} realm=\"{}\", audience=\"{}\", nonce=\"{}\"",
            Quoted(&self.realm),
            Quoted(&self.audience),
            self.nonce
        )
    }
}

/// The inside of a quoted string (RFC 9110 section 5.6.4).
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| if matches!(c, '"' | '\\') { write!(f, "\\{c}") } else { write!(f, "{c}") })
    }
}

/// The token in a value of `Authorization`; `None` if it is of another scheme.
#[must_use]
pub fn presented(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case(SCHEME).then(|| token.trim())
}

/// A challenge of any scheme.
struct Raw<'v> {
    scheme: &'v str,
    parameters: Vec<(&'v str, String)>,
}

/// Takes a value of `WWW-Authenticate` apart. A comma separates both challenges and parameters: what is followed by `=` is a parameter of
/// the challenge before, else a scheme begins.
fn split(value: &[u8]) -> Result<Vec<Raw<'_>>, ChallengeError> {
    let mut cursor = Cursor(core::str::from_utf8(value).map_err(|_| ChallengeError::Malformed)?);
    let mut challenges: Vec<Raw<'_>> = Vec::new();
    loop {
        while cursor.skip_blanks() && cursor.eat(',') {}
        if cursor.0.is_empty() {
            return Ok(challenges);
        }
        let name = cursor.token().ok_or(ChallengeError::Malformed)?;
        let spaced = cursor.0.starts_with([' ', '\t']);
        cursor.skip_blanks();
        if cursor.0.starts_with('=') {
            cursor.eat('=');
            cursor.skip_blanks();
            let value = cursor.value().ok_or(ChallengeError::Malformed)?;
            challenges.last_mut().ok_or(ChallengeError::Malformed)?.parameters.push((name, value));
        } else {
            challenges.push(Raw { scheme: name, parameters: Vec::new() });
            let first = spaced && !cursor.0.is_empty() && !cursor.0.starts_with(',');
            if first {
                first_parameter(&mut cursor, &mut challenges)?;
            }
        }
        cursor.skip_blanks();
        if !cursor.0.is_empty() && !cursor.0.starts_with(',') {
            return Err(ChallengeError::Malformed);
        }
    }
}

/// What follows a scheme: its first parameter, or credentials of the form token68, which this scheme does not have.
fn first_parameter<'v>(cursor: &mut Cursor<'v>, challenges: &mut [Raw<'v>]) -> Result<(), ChallengeError> {
    let start = *cursor;
    let name = cursor.token().unwrap_or_default();
    cursor.skip_blanks();
    if !name.is_empty() && cursor.eat('=') {
        cursor.skip_blanks();
        if let Some(value) = cursor.value() {
            challenges.last_mut().ok_or(ChallengeError::Malformed)?.parameters.push((name, value));
            return Ok(());
        }
    }
    *cursor = start;
    if cursor.token68() { Ok(()) } else { Err(ChallengeError::Malformed) }
}

#[derive(Clone, Copy)]
struct Cursor<'v>(&'v str);

impl<'v> Cursor<'v> {
    /// Always true, so that it chains.
    fn skip_blanks(&mut self) -> bool {
        self.0 = self.0.trim_start_matches([' ', '\t']);
        true
    }

    fn eat(&mut self, wanted: char) -> bool {
        let rest = self.0.strip_prefix(wanted);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// RFC 9110 section 5.6.2.
    fn token(&mut self) -> Option<&'v str> {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let end = self.0.find(|c| !is_token(c)).unwrap_or(self.0.len());
        let (token, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        (!token.is_empty()).then_some(token)
    }

    /// RFC 9110 section 11.2, up to the next comma.
    fn token68(&mut self) -> bool {
        let end = self.0.find(',').unwrap_or(self.0.len());
        let Some((text, rest)) = self.0.split_at_checked(end) else { return false };
        let text = text.trim_end_matches([' ', '\t']);
        let body = text.trim_end_matches('=');
        self.0 = rest;
        !body.is_empty() && body.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b))
    }

    /// A token, or a quoted string without its quotes and escapes.
    fn value(&mut self) -> Option<String> {
        let Some(rest) = self.0.strip_prefix('"') else { return self.token().map(str::to_owned) };
        let mut text = String::new();
        let mut characters = rest.char_indices();
        while let Some((at, c)) = characters.next() {
            match c {
                '"' => {
                    self.0 = rest.get(at + 1..)?;
                    return Some(text);
                }
                '\\' => text.push(characters.next().map(|(_, c)| c).filter(|c| !c.is_control())?),
                c if c.is_control() && c != '\t' => return None,
                c => text.push(c),
            }
        }
        None
    }
}
