//! `wherefore subscriber …`.

use super::api::{AdminApi, Guard};
use super::args::{Api, Listed, OnOff, SubscriberCommand, SubscriberWrite};
use super::error::CliError;
use super::{import, input, output, slpp};
use crate::admin::{OptInBody, PauseBody, ProfileView, StandingPatch};
use crate::forms::Setting;
use crate::profile::{
    ConditionsBody, GmlcWord, ListedClientBody, ListedServiceBody, ProfileBody, RelatedClass, ServiceTypesBody,
    UnrelatedClass,
};
use reqwest::Method;

const PATH: &str = "/v1/subscriber";

pub(super) async fn run(command: SubscriberCommand) -> Result<(), CliError> {
    match command {
        SubscriberCommand::Add(args) => write(args, Guard::New, "added").await,
        SubscriberCommand::Set(args) => write(args, Guard::None, "written").await,
        SubscriberCommand::Show(args) => {
            let view: ProfileView = AdminApi::new(&args.api)?.get(PATH, Some(&args.who.subscriber)).await?;
            if args.api.json { output::json(&view) } else { show(&view) }
        }
        SubscriberCommand::Switch(args) => {
            let switched_off = matches!(args.position, OnOff::On);
            let body = StandingPatch { switched_off: Some(switched_off), ..StandingPatch::default() };
            let api = AdminApi::new(&args.api)?;
            let view = api.send(Method::PATCH, PATH, Some(&args.who.subscriber), &body, Guard::None).await?;
            done(&args.api, &view, if switched_off { "nobody may locate" } else { "the profile decides" })
        }
        SubscriberCommand::Pause(args) => {
            let body = PauseBody { for_s: args.for_s, until: args.until };
            let api = AdminApi::new(&args.api)?;
            let path = "/v1/subscriber/pause";
            let view: ProfileView =
                api.send(Method::POST, path, Some(&args.who.subscriber), &body, Guard::None).await?;
            let until = view.profile.standing.paused_until.map_or_else(String::new, |until| until.to_string());
            done(&args.api, &view, &format!("paused until {until}"))
        }
        SubscriberCommand::Resume(args) => {
            let view = AdminApi::new(&args.api)?.post("/v1/subscriber/resume", Some(&args.who.subscriber)).await?;
            done(&args.api, &view, "not paused")
        }
        SubscriberCommand::OptOut(args) => {
            let view = AdminApi::new(&args.api)?.post("/v1/subscriber/opt-out", Some(&args.who.subscriber)).await?;
            done(&args.api, &view, "opted out for good")
        }
        SubscriberCommand::OptIn(args) => {
            let body = OptInBody { demanded_by_subscriber: args.demanded_by_subscriber };
            let api = AdminApi::new(&args.api)?;
            let path = "/v1/subscriber/opt-in";
            let view = api.send(Method::POST, path, Some(&args.who.subscriber), &body, Guard::None).await?;
            done(&args.api, &view, "opt-out taken back")
        }
        SubscriberCommand::Erase(args) => {
            if !args.yes {
                let what = "erasing destroys profile and key for good; confirm it with --yes";
                return Err(CliError::Usage(what.into()));
            }
            AdminApi::new(&args.api)?.delete(PATH, Some(&args.who.subscriber)).await?;
            output::line("erased")
        }
        SubscriberCommand::Slpp(args) => slpp::run(&args).await,
        SubscriberCommand::Import(args) => import::run(&args).await,
    }
}

fn done(api: &Api, view: &ProfileView, what: &str) -> Result<(), CliError> {
    if api.json { output::json(view) } else { output::line(what) }
}

async fn write(args: SubscriberWrite, guard: Guard, what: &str) -> Result<(), CliError> {
    let api = AdminApi::new(&args.api)?;
    let profile = match &args.profile {
        Some(file) => input::profile(file)?,
        None => {
            let whole = serde_json::to_value(profile(&args)).map_err(std::io::Error::from)?;
            // Said with none of the options, so it stays.
            let is_said = |(name, _): &(String, serde_json::Value)| name != "standing";
            whole.as_object().cloned().unwrap_or_default().into_iter().filter(is_said).collect()
        }
    };
    let view = api.send(Method::PUT, PATH, Some(&args.who.subscriber), &profile, guard).await?;
    done(&args.api, &view, what)
}

/// A profile of the options given.
fn profile(args: &SubscriberWrite) -> ProfileBody {
    let service = |(service_type, setting): &(u8, Setting)| ListedServiceBody {
        service_type: *service_type,
        setting: *setting,
        gmlc: GmlcWord::Any,
        conditions: ConditionsBody::default(),
    };
    let services: Vec<_> = args.services.iter().map(service).collect();
    ProfileBody {
        universal: args.universal,
        related: (!args.related.is_empty()).then(|| RelatedClass {
            // Whoever lists clients one by one does not mean "and everybody else", which the standard's default says.
            not_listed: others(&args.related).unwrap_or(Setting::Denied),
            clients: clients(&args.related),
        }),
        unrelated: (!args.unrelated.is_empty()).then(|| UnrelatedClass {
            not_listed: others(&args.unrelated).unwrap_or(Setting::Denied),
            clients: clients(&args.unrelated),
        }),
        plmn_operator: (!args.plmn.is_empty()).then(|| args.plmn.clone()),
        service_types: (!services.is_empty())
            .then_some(ServiceTypesBody { not_listed: Setting::Denied, listed: services }),
        ..ProfileBody::default()
    }
}

fn others(list: &[(Listed, Setting)]) -> Option<Setting> {
    list.iter().find(|(listed, _)| *listed == Listed::Others).map(|(_, setting)| *setting)
}

fn clients(list: &[(Listed, Setting)]) -> Vec<ListedClientBody> {
    let client = |(listed, setting): &(Listed, Setting)| match listed {
        Listed::Others => None,
        Listed::Number(number) => Some(ListedClientBody {
            number: *number,
            setting: *setting,
            gmlc: GmlcWord::Any,
            conditions: ConditionsBody::default(),
        }),
    };
    list.iter().filter_map(client).collect()
}

/// The profile in a table: what holds whoever asks, then the classes.
fn show(view: &ProfileView) -> Result<(), CliError> {
    let profile = &view.profile;
    let standing = &profile.standing;
    let mut table = output::table(&["setting", "for", "value"]);
    let mut row = |what: &str, whom: &str, value: String| {
        table.add_row([what.to_owned(), whom.to_owned(), value]);
    };
    row("opted out", "everybody", yes_no(standing.opted_out));
    row("switched off", "everybody", yes_no(standing.switched_off));
    row("paused until", "everybody", standing.paused_until.map_or_else(|| "not paused".into(), |t| t.to_string()));
    row("universal class", "everybody", if profile.universal { "allowed".into() } else { "not subscribed".into() });
    let related = profile.related.as_ref().map(|class| (&class.clients, class.not_listed));
    let unrelated = profile.unrelated.as_ref().map(|class| (&class.clients, class.not_listed));
    for (name, class) in [("call/session related", related), ("call/session unrelated", unrelated)] {
        let Some((clients, not_listed)) = class else {
            row(name, "value added clients", "not subscribed".into());
            continue;
        };
        clients.iter().for_each(|client| row(name, &client.number.to_string(), client.setting.to_string()));
        row(name, "others", not_listed.to_string());
    }
    for client in profile.plmn_operator.iter().flatten() {
        row("PLMN operator class", &output::word(client), "allowed".into());
    }
    if let Some(services) = &profile.service_types {
        for service in &services.listed {
            row("service type", &service.service_type.to_string(), service.setting.to_string());
        }
        row("service type", "others", services.not_listed.to_string());
    }
    if let Some(codewords) = &profile.codewords {
        row(
            "codewords",
            "value added clients",
            format!("{}, checked by {}", codewords.words.len(), output::word(&codewords.check)),
        );
    }
    output::print(&table)?;
    output::line(&format!("version {}; --json shows conditions, places and hours too", view.version))
}

fn yes_no(value: bool) -> String {
    (if value { "yes" } else { "no" }).into()
}
