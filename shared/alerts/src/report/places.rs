//! Where it came from: places that findings locate, places that Detective only names, and impossible travels.

use super::map::{Arc, Pin, arcs, pins, point};
use super::safe::{address, few, safe};
use gumshoe_domain::finding::Remote;
use gumshoe_domain::{Finding, Indicator};
use std::collections::{BTreeMap, BTreeSet};

/// How many places are numbered.
const NUMBERED: usize = 30;
/// How many places without a position are named.
const NAMED: usize = 30;
/// How many travels are listed here; the table of indicators has all.
const TRAVELS: usize = 12;
/// How many arcs are drawn.
const DRAWN: usize = 40;
/// How many addresses and networks of a place are named.
const EACH: usize = 4;

/// A numbered place.
pub(super) struct Place {
    pub(super) number: usize,
    pub(super) pin: Pin,
    pub(super) name: String,
    pub(super) addresses: String,
    pub(super) networks: String,
}

/// An impossible travel, with the numbers of its places where they have one.
pub(super) struct Travel {
    pub(super) from: End,
    pub(super) to: End,
    pub(super) hours: i32,
}

/// Where a travel begins or ends.
pub(super) struct End {
    pub(super) number: Option<usize>,
    pub(super) place: String,
    pub(super) address: String,
}

/// All that is said about places.
pub(super) struct Places {
    pub(super) numbered: Vec<Place>,
    pub(super) more_numbered: usize,
    pub(super) arcs: Vec<Arc>,
    pub(super) travels: Vec<Travel>,
    pub(super) more_travels: usize,
    /// Names with addresses.
    pub(super) unplaced: Vec<String>,
    pub(super) more_unplaced: usize,
}

impl Places {
    /// Whether there is anything to say.
    pub(super) fn is_empty(&self) -> bool {
        self.numbered.is_empty() && self.travels.is_empty() && self.unplaced.is_empty()
    }
}

/// What is known of one position.
#[derive(Default)]
struct Spot<'a> {
    position: (f64, f64),
    seen: usize,
    names: BTreeSet<&'a str>,
    addresses: BTreeSet<&'a str>,
    networks: BTreeSet<&'a str>,
}

pub(super) fn places(findings: &[Finding], indicators: &[Indicator]) -> Places {
    let remotes = || findings.iter().flat_map(|it| &it.activity).filter_map(|it| it.remote.as_ref());
    let spots = spots(remotes());
    let shown = spots.get(..NUMBERED.min(spots.len())).unwrap_or_default();
    let points: Vec<(f64, f64)> = shown.iter().map(|spot| point(spot.position)).collect();
    // The first place that an address was seen at.
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, spot) in shown.iter().enumerate() {
        for address in &spot.addresses {
            known.entry(address).or_insert(index);
        }
    }
    let end = |place: &str, ip: &str| End {
        number: known.get(ip).map(|index| index + 1),
        place: safe(place, 80),
        address: address(ip),
    };
    let mut drawn: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut travels: Vec<Travel> = Vec::new();
    for travel in indicators.iter().collect::<BTreeSet<_>>() {
        if let Indicator::ImpossibleTravel {
            starting_ip_address: from,
            ending_ip_address: to,
            starting_location,
            ending_location,
            hours,
        } = travel
        {
            drawn.extend(known.get(from.as_str()).copied().zip(known.get(to.as_str()).copied()));
            travels.push(Travel { from: end(starting_location, from), to: end(ending_location, to), hours: *hours });
        }
    }
    // Those on the map first.
    travels.sort_by_key(|travel| travel.from.number.is_none() || travel.to.number.is_none());
    let arcs = drawn.into_iter().filter(|(from, to)| from != to).take(DRAWN).flat_map(|(from, to)| {
        let ends = points.get(from).copied().zip(points.get(to).copied());
        ends.map(|(from, to)| arcs(from, to)).unwrap_or_default()
    });
    let unplaced = unplaced(remotes(), indicators, &spots);
    let more_unplaced = unplaced.len().saturating_sub(NAMED);
    Places {
        arcs: arcs.collect(),
        numbered: shown
            .iter()
            .zip(pins(&points))
            .enumerate()
            .map(|(index, (spot, pin))| spot.place(index, pin))
            .collect(),
        more_numbered: spots.len() - shown.len(),
        more_travels: travels.len().saturating_sub(TRAVELS),
        travels: travels.into_iter().take(TRAVELS).collect(),
        more_unplaced,
        unplaced: unplaced.iter().take(NAMED).map(in_words).collect(),
    }
}

/// The positions that findings give, to a tenth of a degree, those seen most often first.
fn spots<'a>(remotes: impl Iterator<Item = &'a Remote>) -> Vec<Spot<'a>> {
    let tenth = |degrees: f64| (degrees * 10.0).round() as i32;
    let mut spots: BTreeMap<(i32, i32), Spot<'a>> = BTreeMap::new();
    for remote in remotes {
        let Some(position) = remote.position else { continue };
        let spot = spots.entry((tenth(position.0), tenth(position.1))).or_default();
        spot.position = position;
        spot.seen += 1;
        spot.names.extend(remote.place.as_deref());
        spot.addresses.extend(remote.ip_address.as_deref());
        spot.networks.extend(remote.network.as_deref());
    }
    let mut spots: Vec<Spot<'a>> = spots.into_values().collect();
    spots.sort_by_key(|spot| std::cmp::Reverse(spot.seen));
    spots
}

impl Spot<'_> {
    fn place(&self, index: usize, pin: Pin) -> Place {
        Place {
            number: index + 1,
            pin,
            name: if self.names.is_empty() { in_degrees(self.position) } else { few(&self.names, 2, 80) },
            addresses: few(&self.addresses, EACH, 60),
            networks: few(&self.networks, EACH, 80),
        }
    }
}

/// Such as `52.4° N, 4.9° E`.
fn in_degrees((latitude, longitude): (f64, f64)) -> String {
    let north = if latitude < 0.0 { 'S' } else { 'N' };
    let east = if longitude < 0.0 { 'W' } else { 'E' };
    format!("{:.1}° {north}, {:.1}° {east}", latitude.abs(), longitude.abs())
}

/// Places without a position, with their addresses: those of findings that give none, and those that Detective names.
fn unplaced<'a>(
    remotes: impl Iterator<Item = &'a Remote>,
    indicators: &'a [Indicator],
    spots: &[Spot<'_>],
) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let named = remotes.filter(|it| it.position.is_none()).filter_map(|it| {
        let place = it.place.as_deref()?;
        Some((place, it.ip_address.as_deref().unwrap_or_default()))
    });
    let told = indicators.iter().flat_map(|indicator| match indicator {
        Indicator::NewGeolocation { location, ip_address, .. } => vec![(location.as_str(), ip_address.as_str())],
        Indicator::ImpossibleTravel {
            starting_ip_address,
            ending_ip_address,
            starting_location,
            ending_location,
            ..
        } => vec![
            (starting_location.as_str(), starting_ip_address.as_str()),
            (ending_location.as_str(), ending_ip_address.as_str()),
        ],
        _ => Vec::new(),
    });
    let known: BTreeSet<&str> = spots.iter().flat_map(|it| &it.addresses).copied().collect();
    let mut places: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (place, address) in named.chain(told).filter(|(_, address)| !known.contains(address)) {
        places.entry(place).or_default().insert(address);
    }
    places
}

fn in_words((place, addresses): (&&str, &BTreeSet<&str>)) -> String {
    let addresses = addresses.iter().copied().filter(|it| !it.is_empty()).collect();
    match few(&addresses, 2, 60) {
        addresses if addresses.is_empty() => safe(place, 80),
        addresses => format!("{} ({addresses})", safe(place, 80)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn a_place_is_numbered_once_with_all_its_addresses() {
        let case = fixtures::high_risk();
        let places = places(&case.findings, &case.indicators);
        assert_eq!(places.numbered.len(), 1);
        let place = &places.numbered[0];
        assert_eq!((place.name.as_str(), place.addresses.as_str()), ("Amsterdam, Netherlands", "198[.]51[.]100[.]23"));
        assert_eq!(places.unplaced, ["Singapore, Singapore (203[.]0[.]113[.]10)"]);
        assert!(places.arcs.is_empty(), "Detective does not say where Singapore is");
        assert_eq!((places.travels[0].from.number, places.travels[0].to.number), (None, Some(1)));
    }

    #[test]
    fn a_travel_between_known_places_is_drawn() {
        let case = fixtures::travelled();
        let places = places(&case.findings, &case.indicators);
        assert!(!places.arcs.is_empty() && places.travels[0].to.number.is_some());
    }

    #[test]
    fn a_place_without_a_name_is_told_in_degrees() {
        assert_eq!(in_degrees((-33.86, 151.21)), "33.9° S, 151.2° E");
        let mut case = fixtures::one();
        if let Some(remote) = &mut case.findings[0].activity[0].remote {
            remote.place = None;
        }
        assert_eq!(places(&case.findings, &[]).numbered[0].name, "52.4° N, 4.9° E");
    }
}
