//! The triggered services: `tlrr`, `tlrsr`, `tlrqr` and what answers and reports them (OMA MLP section 5.2.3.6).
//!
//! | module | what |
//! |---|---|
//! | `request` | [`Triggered`]: `tlrr`; its times become a [`Schedule`] once a clock is there |
//! | `event` | [`TriggerEvent`]: `tlrr_event` |
//! | `area` | [`MlpArea`]: `target_area`, its shapes read |
//! | `period` | spans of the form ddhhmmss |
//! | `stop` | [`Stop`] and [`Query`]: `tlrsr`, `tlrqr` |
//! | `answer` | [`TriggeredAnswer`]: `tlra`, `tlrsa`, `tlrqa`; `tlrsa` also unasked |
//! | `report` | [`TriggeredReport`], [`PauseReport`], [`QueryReport`]: `tlrep`, `tlrpr`, `tlqrep` |

mod answer;
mod area;
mod event;
pub(crate) mod period;
mod report;
mod request;
mod stop;

pub use answer::{StopNotice, TriggeredAnswer};
pub use area::MlpArea;
pub use event::{AreaChange, TriggerEvent};
pub use report::{PauseReport, QueryReport, TriggerWord, TriggeredOutcome, TriggeredPos, TriggeredReport};
pub use request::{Misfit, Schedule, Trigger, Triggered, Waiting};
pub use stop::{Query, Stop};

pub(crate) use request::{WaitingPart, parse};
pub(crate) use stop::{parse_query, parse_stop};
