//! Abort causes and problem codes (ITU-T Q.772 clauses 2.3 and 3.7, Q.773 tables 12 and 26 to 29).

/// A code of Q.773: names for the numbers it knows, `Other` for every other, so that none is lost.
macro_rules! codes {
    ($(#[$about:meta])* $name:ident { $($(#[$note:meta])* $variant:ident = $value:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$note])* $variant,)+
            /// A number without a name in Q.773.
            Other(i64),
        }

        impl $name {
            /// The code for the number on the wire.
            #[must_use]
            pub const fn from_number(number: i64) -> Self {
                match number {
                    $($value => Self::$variant,)+
                    other => Self::Other(other),
                }
            }

            /// The number on the wire.
            #[must_use]
            pub const fn number(self) -> i64 {
                match self {
                    $(Self::$variant => $value,)+
                    Self::Other(other) => other,
                }
            }
        }
    };
}

codes! {
    /// Why a transaction sub-layer aborted a transaction: P-AbortCause (Q.772 clause 2.3, Q.773 table 12).
    ProviderAbortCause {
        /// The message type is none of Q.773.
        UnrecognizedMessageType = 0,
        /// No transaction has the destination transaction identifier.
        UnrecognizedTransactionId = 1,
        /// The transaction portion breaks the encoding rules.
        BadlyFormattedTransactionPortion = 2,
        /// The elements of the transaction portion are not those of the message type.
        IncorrectTransactionPortion = 3,
        /// No room for a further transaction.
        ResourceLimitation = 4,
    }
}

codes! {
    /// Problems of a component of any type (Q.772 clause 3.7.1, Q.773 table 26).
    GeneralProblem {
        /// The component type is none of Q.773.
        UnrecognizedComponent = 0,
        /// The elements of the component are not those of its type.
        MistypedComponent = 1,
        /// The component breaks the encoding rules.
        BadlyStructuredComponent = 2,
    }
}

codes! {
    /// Problems of an Invoke (Q.772 clause 3.7.2, Q.773 table 27).
    InvokeProblem {
        /// The invoke identifier belongs to an operation under way.
        DuplicateInvokeId = 0,
        /// The operation is not one of the application context.
        UnrecognizedOperation = 1,
        /// The argument is not that of the operation.
        MistypedParameter = 2,
        /// No room for a further operation.
        ResourceLimitation = 3,
        /// The dialogue is about to be released.
        InitiatingRelease = 4,
        /// The linked identifier belongs to no operation under way.
        UnrecognizedLinkedId = 5,
        /// The operation linked to allows no linked operations.
        LinkedResponseUnexpected = 6,
        /// The operation linked to does not allow this linked operation.
        UnexpectedLinkedOperation = 7,
    }
}

codes! {
    /// Problems of a Return Result (Q.772 clause 3.7.3, Q.773 table 28).
    ReturnResultProblem {
        /// The invoke identifier belongs to no operation under way.
        UnrecognizedInvokeId = 0,
        /// The operation reports no success.
        ReturnResultUnexpected = 1,
        /// The result is not that of the operation.
        MistypedParameter = 2,
    }
}

codes! {
    /// Problems of a Return Error (Q.772 clause 3.7.4, Q.773 table 29).
    ReturnErrorProblem {
        /// The invoke identifier belongs to no operation under way.
        UnrecognizedInvokeId = 0,
        /// The operation reports no failure.
        ReturnErrorUnexpected = 1,
        /// The error is not known.
        UnrecognizedError = 2,
        /// The error is not one of the operation.
        UnexpectedError = 3,
        /// The parameter is not that of the error.
        MistypedParameter = 4,
    }
}

/// Why a component is rejected: one of four classes, each with its own codes (Q.773 table 25).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Problem {
    /// The component could not be understood at all.
    General(GeneralProblem),
    /// A problem of an Invoke.
    Invoke(InvokeProblem),
    /// A problem of a Return Result.
    ReturnResult(ReturnResultProblem),
    /// A problem of a Return Error.
    ReturnError(ReturnErrorProblem),
}

impl Problem {
    pub(super) fn from_library(problem: tcap::Problem) -> Self {
        match problem {
            tcap::Problem::General(code) => Self::General(GeneralProblem::from_number(code.value())),
            tcap::Problem::Invoke(code) => Self::Invoke(InvokeProblem::from_number(code.value())),
            tcap::Problem::ReturnResult(code) => Self::ReturnResult(ReturnResultProblem::from_number(code.value())),
            tcap::Problem::ReturnError(code) => Self::ReturnError(ReturnErrorProblem::from_number(code.value())),
        }
    }

    pub(super) fn to_library(self) -> tcap::Problem {
        match self {
            Self::General(code) => tcap::Problem::General(code.number().into()),
            Self::Invoke(code) => tcap::Problem::Invoke(code.number().into()),
            Self::ReturnResult(code) => tcap::Problem::ReturnResult(code.number().into()),
            Self::ReturnError(code) => tcap::Problem::ReturnError(code.number().into()),
        }
    }
}
