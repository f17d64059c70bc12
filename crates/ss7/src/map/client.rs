//! The LCS client as MAP names it (TS 29.002 clause 17.7.13).

use super::{
    ber::sequence,
    value::{ApnLabels, Octets, pack, pack_whole, unpack},
};
use lcs::{
    Address, ClientName, Codeword, FormatIndicator, LcsClientId, LcsClientType, MergedName, PlmnClient, Requestor,
    merge_name, split_name,
};

sequence! {
    /// LCSClientName: 1-63 octets in the default alphabet of GSM.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ClientNameString {
        /// Coding scheme; [`MergedName::DATA_CODING_SCHEME`] is the only one allowed.
        req data_coding_scheme: u8 = 0;
        /// The packed name.
        req name_string: Octets<1, 63> = 2;
        /// Its form; one that is not known counts as not told.
        lax format: FormatIndicator = 3;
    }
}

sequence! {
    /// LCSRequestorID: 1-63 octets in the default alphabet of GSM.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct RequestorIdString {
        /// Coding scheme; [`MergedName::DATA_CODING_SCHEME`] is the only one allowed.
        req data_coding_scheme: u8 = 0;
        /// The packed identity.
        req requestor_id_string: Octets<1, 63> = 1;
        /// Its form; one that is not known counts as not told.
        lax format: FormatIndicator = 2;
    }
}

sequence! {
    /// LCSCodeword: 1-20 octets in the default alphabet of GSM.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CodewordString {
        /// Coding scheme; [`MergedName::DATA_CODING_SCHEME`] is the only one allowed.
        req data_coding_scheme: u8 = 0;
        /// The packed codeword.
        req codeword_string: Octets<1, 20> = 1;
    }
}

sequence! {
    /// LCSClientExternalID: the address of a client or of its group.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct ClientExternalId {
        /// The address.
        opt external_address: Address = 0;
    }
}

sequence! {
    /// LCS-ClientID: all that tells who the client is.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ClientId {
        /// Type.
        req client_type: LcsClientType = 0;
        /// Address, true or pseudo-external: a node cannot tell them apart (TS 23.271 Annex C).
        opt external_id: ClientExternalId = 1;
        /// Number that the phone dialled to reach the client.
        opt dialled_by_ms: Address = 2;
        /// Internal identity of a client of the operator.
        opt internal_id: PlmnClient = 3;
        /// Name, for the user.
        opt name: ClientNameString = 4;
        /// Access point of the session with the client.
        opt apn: ApnLabels = 5;
        /// Who asked the client.
        opt requestor: RequestorIdString = 6;
    }
}

impl ClientNameString {
    /// A name, cut to what fits, with the requestor behind it if one is given (TS 23.271 Annex D). `None` for an empty name.
    #[must_use]
    pub fn new(name: &ClientName, merged_with: Option<&Requestor>) -> Option<Self> {
        let merged = merge_name(name, merged_with);
        let name_string = Octets::new(merged.octets())?;
        Some(Self { data_coding_scheme: MergedName::DATA_CODING_SCHEME, name_string, format: Some(merged.format()) })
    }

    /// The text, for display to the user who is asked; `None` in another alphabet than the default one.
    #[must_use]
    pub fn expose(&self) -> Option<String> {
        unpack(self.data_coding_scheme, self.name_string.as_slice())
    }
}

impl RequestorIdString {
    /// An identity, cut to what fits; `None` for an empty one.
    #[must_use]
    pub fn new(requestor: &Requestor) -> Option<Self> {
        Some(Self {
            data_coding_scheme: MergedName::DATA_CODING_SCHEME,
            requestor_id_string: pack(&requestor.text)?,
            format: Some(requestor.format),
        })
    }

    /// The text, for display to the user who is asked; `None` in another alphabet than the default one.
    #[must_use]
    pub fn expose(&self) -> Option<String> {
        unpack(self.data_coding_scheme, self.requestor_id_string.as_slice())
    }
}

impl CodewordString {
    /// A codeword; `None` if it is longer than 22 septets or has a character that the alphabet lacks, for a codeword that is
    /// changed on its way is another one.
    #[must_use]
    pub fn new(codeword: &Codeword) -> Option<Self> {
        let codeword_string = pack_whole(codeword.expose())?;
        Some(Self { data_coding_scheme: MergedName::DATA_CODING_SCHEME, codeword_string })
    }

    /// The codeword; `None` in another alphabet than the default one.
    #[must_use]
    pub fn codeword(&self) -> Option<Codeword> {
        unpack(self.data_coding_scheme, self.codeword_string.as_slice()).and_then(Codeword::new)
    }
}

impl ClientId {
    /// A client of which nothing but the type is told.
    #[must_use]
    pub fn new(client_type: LcsClientType) -> Self {
        Self {
            client_type,
            external_id: None,
            dialled_by_ms: None,
            internal_id: None,
            name: None,
            apn: None,
            requestor: None,
        }
    }

    /// All that is known of a client, requestor apart from the name.
    #[must_use]
    pub fn of(client: &LcsClientId) -> Self {
        Self {
            client_type: client.client_type,
            external_id: client.external.map(ClientExternalId::of),
            dialled_by_ms: client.dialled,
            internal_id: client.internal,
            name: client.name.as_ref().and_then(|name| ClientNameString::new(name, None)),
            apn: client.apn.as_ref().and_then(ApnLabels::new),
            requestor: client.requestor.as_ref().and_then(RequestorIdString::new),
        }
    }

    /// The client in the words of location services. A requestor inside the name is taken out of it (TS 23.271 Annex D); texts in
    /// another alphabet than the default one are left out.
    #[must_use]
    pub fn client(&self) -> LcsClientId {
        let format = |told: Option<FormatIndicator>| told.unwrap_or(FormatIndicator::LogicalName);
        let text = self.name.as_ref().and_then(ClientNameString::expose);
        let (name, merged) = text.as_deref().map(split_name).unzip();
        let merged = merged.flatten().map(|text| (text.to_owned(), FormatIndicator::LogicalName));
        let apart = self.requestor.as_ref().and_then(|told| Some((told.expose()?, format(told.format))));
        LcsClientId {
            client_type: self.client_type,
            external: self.external_id.and_then(|id| id.external_address),
            internal: self.internal_id,
            dialled: self.dialled_by_ms,
            apn: self.apn.as_ref().map(|labels| labels.apn().clone()),
            name: name.map(|text| ClientName {
                text: text.to_owned(),
                format: format(self.name.as_ref().and_then(|told| told.format)),
            }),
            requestor: apart.or(merged).map(|(text, format)| Requestor { text, format }),
            call_session_related: self.dialled_by_ms.is_some() || self.apn.is_some(),
        }
    }
}

impl ClientExternalId {
    /// With this address.
    #[must_use]
    pub fn of(address: Address) -> Self {
        Self { external_address: Some(address) }
    }
}
