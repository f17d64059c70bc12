//! `wherefore locate`: asks over MLP, as an LCS client would.

use super::args::Locate;
use super::error::CliError;
use super::{api, input, output};
use lcs::{ApnNi, CallSession};
use mlp::client::{ClientTarget, ReportedPosition, Request, SvcResult, parse_svc_result};
use mlp::{ImmediateService, MsidType, ResultId};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// Variable with the client's secret.
const SECRET_ENV: &str = "WHEREFORE_SECRET";

/// Locates the targets. The exit status is 0 only if every one was located.
pub(super) async fn run(args: &Locate) -> Result<(), CliError> {
    let request = request(args)?;
    let mut xml = Zeroizing::new(String::new());
    request.write(&mut xml);
    let http = api::http_client(args.ca_file.as_deref())?;
    let sent = http.post(&args.mlp).header("Content-Type", mlp::CONTENT_TYPE).body(xml.to_string()).send().await;
    let response = sent.map_err(|error| api::unreachable(&args.mlp, &error))?;
    let status = response.status().as_u16();
    let body = response.bytes().await.map_err(|error| api::unreachable(&args.mlp, &error))?;
    let parsed = parse_svc_result(&body).map_err(|_| CliError::Strange { url: args.mlp.clone(), status });
    if args.xml {
        output::line(&String::from_utf8_lossy(&body))?;
    }
    let answer = parsed?;
    match (args.xml, args.json) {
        (true, _) => {}
        (false, true) => output::json(&to_json(&answer))?,
        (false, false) => print(&answer)?,
    }
    let located = answer.positions.iter().filter(|position| position.result == ResultId(0)).count();
    let all = located == request.targets.len() && answer.result.as_ref().is_none_or(|(id, _)| *id == ResultId(0));
    if all { Ok(()) } else { Err(CliError::No) }
}

fn request(args: &Locate) -> Result<Request, CliError> {
    let secret = match (std::env::var(SECRET_ENV), &args.secret_file) {
        (Ok(secret), _) => Some(Zeroizing::new(secret)),
        (Err(_), Some(file)) => Some(input::secret(file)?),
        (Err(_), None) => None,
    };
    let session = match (&args.apn, args.dialled) {
        (Some(apn), _) => {
            Some(CallSession::Apn(ApnNi::new(apn).map_err(|error| CliError::Usage(format!("--apn: {error}")))?))
        }
        (None, dialled) => dialled.map(|number| CallSession::Dialled(number.0)),
    };
    let targets = args.targets.iter().map(|text| {
        let (kind, text) = target(text)?;
        let plain = ClientTarget::of(kind, text);
        Ok(ClientTarget { codeword: args.codeword.clone(), session: session.clone(), ..plain })
    });
    let mut request = Request::new(args.client.as_str(), "", targets.collect::<Result<_, CliError>>()?);
    request.password = secret.map(|secret| secret.to_string());
    if args.emergency {
        request.service = ImmediateService::EmeLir;
    }
    request.active = session.is_some();
    request.service_id.clone_from(&args.service);
    request.requestor = args.requestor.clone().map(|name| ("NAME".to_owned(), name));
    request.hor_acc_m = args.accuracy.map(|metres| (metres, None));
    request.loc_type = args.last_known.then(|| "CURRENT_OR_LAST".to_owned());
    Ok(request)
}

/// Type and digits of a target.
fn target(text: &str) -> Result<(MsidType, String), CliError> {
    match text.split_once(':') {
        Some(("msisdn", digits)) => Ok((MsidType::Msisdn, digits.trim_start_matches('+').to_owned())),
        Some(("imsi", digits)) => Ok((MsidType::Imsi, digits.to_owned())),
        _ => Err(CliError::Usage("name a subscriber as msisdn:DIGITS or imsi:DIGITS".into())),
    }
}

fn print(answer: &SvcResult) -> Result<(), CliError> {
    if let Some((id, text)) = &answer.result {
        let more = answer.add_info.as_deref().map_or_else(String::new, |info| format!(" ({info})"));
        output::line(&format!("{}: {} {text}{more}", answer.element, id.0))?;
    }
    if answer.positions.is_empty() {
        return Ok(());
    }
    let mut table = output::table(&["#", "result", "shape", "latitude", "longitude", "radius m", "time"]);
    for (number, position) in (1..).zip(&answer.positions) {
        let located = position.result == ResultId(0);
        let number: u32 = number;
        table.add_row(vec![
            number.to_string().into(),
            output::verdict(&format!("{} {}", position.result.0, position.result.slogan()), located),
            position.shape.clone().or_else(|| position.add_info.clone()).unwrap_or_default().into(),
            degrees(position.lat_deg).into(),
            degrees(position.lon_deg).into(),
            position.radius_m.map_or_else(String::new, |radius| radius.to_string()).into(),
            time(position).into(),
        ]);
    }
    output::print(&table)
}

fn degrees(value: Option<f64>) -> String {
    value.map_or_else(String::new, |degrees| format!("{degrees:.6}"))
}

fn time(position: &ReportedPosition) -> String {
    let micros = position.time.and_then(|time| i64::try_from(time.micros()).ok());
    let time = micros.and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok());
    time.map_or_else(String::new, |time| time.to_string())
}

/// Positions in the order of the targets; whom they are about the caller knows.
fn to_json(answer: &SvcResult) -> Value {
    let positions: Vec<Value> = answer
        .positions
        .iter()
        .map(|position| {
            json!({
                "result": position.result.0,
                "add_info": position.add_info,
                "shape": position.shape,
                "lat": position.lat_deg,
                "lon": position.lon_deg,
                "radius_m": position.radius_m,
                "altitude_m": position.altitude_m,
                "speed_m_s": position.speed_m_s,
                "direction_deg": position.direction_deg,
                "confidence_percent": position.confidence_percent,
                "qos_not_met": position.qos_not_met,
                "time": time(position),
            })
        })
        .collect();
    json!({
        "element": answer.element,
        "result": answer.result.as_ref().map(|(id, text)| json!({"id": id.0, "text": text})),
        "add_info": answer.add_info,
        "positions": positions,
    })
}
