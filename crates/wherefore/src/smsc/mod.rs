//! Short messages to phones and from them, over an SMS centre (TS 23.040; SMPP 3.4).

mod port;

pub use port::{
    FinalState, FromPhones, MessageId, Receipt, Receipts, Refused, ShortMessage, SmsCentre, SubmitFailure,
    USER_DATA_MAX,
};
