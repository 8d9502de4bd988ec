//! Reads what was kept in format 1: each event becomes the event of today that means the same. Pure: JSON to JSON.
//!
//! What changed with format 2: the end of access is a wish of the order (`schedule`), no longer a property of the guest
//! who is created; an update of a user names details and schedule apart. Everything else is as it was.

use serde_json::{Map, Value};

/// The version that is read here.
pub const FORMAT_1: u16 = 1;

/// An event of format 1 in the shape of today. What has another shape than format 1 knew stays as it is.
pub fn upcast(mut event: Value) -> Value {
    let is = |event: &Value, what| event.get("what").is_some_and(|kept| kept == what);
    if is(&event, "started")
        && let Some(order) = event.get_mut("order")
    {
        upcast_order(order);
    }
    if is(&event, "intended")
        && let Some(intent) = event.get_mut("intent")
    {
        upcast_intent(intent);
    }
    event
}

fn upcast_order(order: &mut Value) {
    let guest = order.pointer_mut("/guest/new").and_then(Value::as_object_mut);
    let Some(ends_at) = guest.and_then(|guest| guest.remove("ends_at")) else { return };
    if !ends_at.is_null() {
        order["schedule"] = schedule(Value::Null, ends_at);
    }
}

fn upcast_intent(intent: &mut Value) {
    let Some(update) = intent.get_mut("update_user").and_then(Value::as_object_mut) else { return };
    let Some(starts_at) = update.remove("starts_at") else { return };
    let details = update.get_mut("details").and_then(Value::as_object_mut);
    let ends_at = details.and_then(|details| details.remove("ends_at")).unwrap_or_default();
    update.insert("schedule".to_owned(), schedule(starts_at, ends_at));
}

fn schedule(starts_at: Value, ends_at: Value) -> Value {
    Value::Object(Map::from_iter([("starts_at".to_owned(), starts_at), ("ends_at".to_owned(), ends_at)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::job::event::{Event, Intent};
    use crate::domain::job::order::{Details, Guest, Schedule};
    use serde_json::json;

    fn read(event: Value) -> Event {
        serde_json::from_value(upcast(event)).unwrap()
    }

    fn started(ends_at: &Value) -> Value {
        json!({"what": "started", "by": "Kim", "order": {
            "guest": {"new": {"full_name": "Jane Doe", "phone_number": null, "email_address": null,
                "ends_at": ends_at, "known_namesakes": ["u0"]}},
            "add": [], "remove": [], "card": "new", "encoder": null, "room": null, "until": ends_at}})
    }

    #[test]
    fn the_end_of_access_becomes_a_wish_of_the_order() {
        let Event::Started { order, .. } = read(started(&json!("2026-11-28T10:00:00Z"))) else { panic!() };
        let end = "2026-11-28T10:00:00Z".parse().unwrap();
        assert_eq!(order.schedule, Some(Schedule { starts_at: None, ends_at: Some(end) }));
        assert!(matches!(&order.guest, Guest::New(guest) if guest.known_namesakes.len() == 1));

        let Event::Started { order, .. } = read(started(&Value::Null)) else { panic!() };
        assert_eq!(order.schedule, None);
    }

    #[test]
    fn an_update_names_details_and_schedule_apart() {
        let kept = json!({"what": "intended", "intent": {"update_user": {"user": "u1", "starts_at": "2026-11-24T10:00:00Z",
            "details": {"ends_at": "2026-11-28T10:00:00Z", "phone_number": "+1", "email_address": null}}}});
        let details = Details { full_name: None, phone_number: Some("+1".into()), email_address: None };
        let schedule = Schedule {
            starts_at: Some("2026-11-24T10:00:00Z".parse().unwrap()),
            ends_at: Some("2026-11-28T10:00:00Z".parse().unwrap()),
        };
        let intent = Intent::UpdateUser { user: "u1".into(), details, schedule: Some(schedule) };
        assert_eq!(read(kept), Event::Intended { intent });
    }

    #[test]
    fn what_even_format_1_did_not_know_stays_as_it_is() {
        for strange in [
            json!({"what": "started", "order": {"guest": {"new": "?"}}}),
            json!({"what": "started"}),
            json!({"what": "intended", "intent": {"update_user": 7}}),
            json!("?"),
        ] {
            assert_eq!(upcast(strange.clone()), strange);
        }
    }
}
