use realm_model::ProfileAttribute;
use serde_json::{Value, json};

use crate::ProfileFault;
use crate::validator::fault;

/// Whether an attribute must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// It must.
    Required,
    /// It may be left out.
    Optional,
}

/// What is wrong with the values of an attribute, by its validators, in their order. Where it must be given and is not, nothing else is.
pub fn attribute_faults(attribute: &ProfileAttribute, demand: Demand, values: &[String]) -> Vec<ProfileFault> {
    let wrong =
        |message: &str, parameters| ProfileFault { attribute: attribute.name.clone(), message: message.to_owned(), parameters };
    if demand == Demand::Required && is_blank(values) {
        return vec![wrong("error-user-attribute-required", Vec::new())];
    }
    let mut faults = Vec::new();
    for (id, config) in &attribute.validations {
        let found = values.iter().find_map(|value| fault((id, config), value));
        faults.extend(found.map(|(message, parameters)| wrong(&message, parameters)));
    }
    let (least, most) = count_bounds(attribute, demand);
    if values.len() < least || most.is_some_and(|most| values.len() > most) {
        faults.push(wrong("error-invalid-multivalued-size", vec![json!(least), json!(most)]));
    }
    faults
}

pub(crate) fn is_blank(values: &[String]) -> bool {
    values.iter().all(|value| value.trim().is_empty())
}

fn count_bounds(attribute: &ProfileAttribute, demand: Demand) -> (usize, Option<usize>) {
    let own = attribute.validations.iter().find(|(id, _)| id == "multivalued").map(|(_, config)| config);
    let bound = |name: &str| own.and_then(|config| config.get(name)).and_then(count);
    match (own, attribute.multivalued) {
        (Some(_), _) => (bound("min").unwrap_or_default(), bound("max")),
        (None, true) => (0, None),
        (None, false) => (usize::from(demand == Demand::Required), Some(1)),
    }
}

fn count(value: &Value) -> Option<usize> {
    let number = value.as_u64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))?;
    usize::try_from(number).ok()
}
