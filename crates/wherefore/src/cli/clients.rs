//! `wherefore client …`.

use super::api::{AdminApi, Guard};
use super::args::{ClientAdd, ClientCommand, ClientFields, ClientNamed, ClientSecret, ClientSet};
use super::error::CliError;
use super::{input, output};
use crate::admin::{ClientList, ClientView, SecretBody, SecretView};
use crate::clients::{CallSessionIdentity, ClientRecord, ExternalIdentity, Name, NameFormat, Service};
use reqwest::Method;
use std::path::Path;

pub(super) async fn run(command: ClientCommand) -> Result<(), CliError> {
    match command {
        ClientCommand::Add(args) => add(args).await,
        ClientCommand::List(args) => list(&AdminApi::new(&args.api)?, args.api.json).await,
        ClientCommand::Show(args) => show(&args).await,
        ClientCommand::Set(args) => set(args).await,
        ClientCommand::Remove(args) => {
            AdminApi::new(&args.api)?.delete(&path(&args.id, ""), None).await?;
            output::line(&format!("removed {}", args.id))
        }
        ClientCommand::Secret(args) => secret(args).await,
    }
}

/// The path of a client; what is not plain in a path is escaped.
fn path(id: &str, below: &str) -> String {
    let escaped: String = id
        .bytes()
        .map(|b| {
            let plain = b.is_ascii_alphanumeric() || b".-_@".contains(&b);
            if plain { char::from(b).to_string() } else { format!("%{b:02X}") }
        })
        .collect();
    format!("/v1/clients/{escaped}{below}")
}

async fn add(args: ClientAdd) -> Result<(), CliError> {
    let api = AdminApi::new(&args.api)?;
    let mut record = match (&args.record, args.client_type) {
        (Some(file), _) => read_record(file, &args.id)?,
        (None, Some(client_type)) => bare(&args.id, client_type)?,
        (None, None) => return Err(CliError::Usage("give --type or --record".into())),
    };
    apply(&mut record, args.fields);
    let view: ClientView = api.send(Method::PUT, &path(&args.id, ""), None, &record, Guard::New).await?;
    let secret: Option<SecretView> = if args.no_secret {
        None
    } else {
        let body = SecretBody { secret: None, remove: false };
        Some(api.send(Method::POST, &path(&args.id, "/secret"), None, &body, Guard::None).await?)
    };
    if args.api.json {
        let secret = secret.and_then(|view| view.secret);
        return output::json(&serde_json::json!({ "client": view, "secret": secret }));
    }
    output::line(&format!("added {}", args.id))?;
    secret.map_or(Ok(()), |view| print_secret(&view))
}

fn print_secret(view: &SecretView) -> Result<(), CliError> {
    match &view.secret {
        Some(secret) => output::line(&format!("secret, shown this once: {secret}")),
        None => Ok(()),
    }
}

fn read_record(file: &Path, id: &str) -> Result<ClientRecord, CliError> {
    let record: ClientRecord = input::json(file)?;
    if record.id == id {
        return Ok(record);
    }
    Err(CliError::Usage(format!("{}: id differs from {id}; make the two equal", file.display())))
}

/// A record of nothing but account and type, with the API's defaults.
fn bare(id: &str, client_type: crate::clients::ClientType) -> Result<ClientRecord, CliError> {
    let json = serde_json::json!({ "id": id, "client_type": client_type });
    serde_json::from_value(json).map_err(|error| CliError::Usage(error.to_string()))
}

/// Puts the options given into a record.
fn apply(record: &mut ClientRecord, fields: ClientFields) {
    if let Some(text) = fields.name {
        record.name = Some(Name { text, format: NameFormat::LogicalName });
    }
    if !fields.numbers.is_empty() {
        let identity = |number| ExternalIdentity { number, name: None };
        record.external_identities = fields.numbers.into_iter().map(identity).collect();
    }
    record.internal_identity = fields.internal.or(record.internal_identity);
    record.override_capability |= fields.override_capability;
    if !fields.targets.is_empty() {
        record.targets = Some(fields.targets);
    }
    if !fields.services.is_empty() {
        let service = |(id, service_type)| Service { id, service_type, max_targets: None };
        record.services = fields.services.into_iter().map(service).collect();
    }
    if !fields.apns.is_empty() || !fields.dialled.is_empty() {
        let none = CallSessionIdentity { number: None, apn: None, external_identity: None, name: None };
        let apns = fields.apns.into_iter().map(|apn| CallSessionIdentity { apn: Some(apn), ..none.clone() });
        let numbers = fields.dialled.into_iter().map(|n| CallSessionIdentity { number: Some(n), ..none.clone() });
        record.call_session_identities = apns.chain(numbers).collect();
    }
    record.rate_per_s = fields.rate.or(record.rate_per_s);
    record.burst = fields.burst.or(record.burst);
    record.daily_quota = fields.daily_quota.or(record.daily_quota);
    record.max_targets = fields.max_targets.or(record.max_targets);
    if !fields.push_urls.is_empty() {
        record.push_urls = fields.push_urls;
    }
    if !fields.certificates.is_empty() {
        record.certificate_sha256 = fields.certificates;
    }
}

async fn set(args: ClientSet) -> Result<(), CliError> {
    let api = AdminApi::new(&args.api)?;
    let ClientView { mut record, version, .. } = api.get(&path(&args.id, ""), None).await?;
    apply(&mut record, args.fields);
    record.enabled = (record.enabled || args.enable) && !args.disable;
    let guard = Guard::Version(version);
    let view: ClientView = api.send(Method::PUT, &path(&args.id, ""), None, &record, guard).await?;
    if args.api.json { output::json(&view) } else { output::line(&format!("changed {}", args.id)) }
}

async fn secret(args: ClientSecret) -> Result<(), CliError> {
    let api = AdminApi::new(&args.api)?;
    let given = args.secret_file.as_deref().map(input::secret).transpose()?;
    let body = SecretBody { secret: given.map(|secret| secret.to_string()), remove: args.remove };
    let view: SecretView = api.send(Method::POST, &path(&args.id, "/secret"), None, &body, Guard::None).await?;
    if args.api.json {
        return output::json(&view);
    }
    output::line(&format!("changed the secret of {}", args.id))?;
    print_secret(&view)
}

async fn list(api: &AdminApi, as_json: bool) -> Result<(), CliError> {
    let list: ClientList = api.get("/v1/clients", None).await?;
    if as_json {
        return output::json(&list);
    }
    let mut table = output::table(&["client", "type", "name", "number", "secret", "served"]);
    for view in &list.clients {
        let record = &view.record;
        let numbers: Vec<String> = record.external_identities.iter().map(|e| e.number.to_string()).collect();
        table.add_row(vec![
            record.id.clone().into(),
            output::word(&record.client_type).into(),
            record.name.as_ref().map_or_else(String::new, |name| name.text.clone()).into(),
            numbers.join(", ").into(),
            (if view.has_secret { "yes" } else { "no" }).into(),
            output::verdict(if record.enabled { "yes" } else { "no" }, record.enabled),
        ]);
    }
    output::print(&table)
}

async fn show(args: &ClientNamed) -> Result<(), CliError> {
    let view: ClientView = AdminApi::new(&args.api)?.get(&path(&args.id, ""), None).await?;
    if args.api.json {
        return output::json(&view);
    }
    let value = serde_json::to_value(&view).map_err(std::io::Error::from)?;
    let mut table = output::table(&["key", "value"]);
    for (key, value) in value.as_object().into_iter().flatten() {
        let text = match value {
            serde_json::Value::Null => continue,
            serde_json::Value::Array(items) if items.is_empty() => continue,
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        table.add_row([key, &text]);
    }
    output::print(&table)
}
