//! The positions of one sector stay within their share of equity; an unknown sector refuses.

use super::{Case, Finding, room};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.position_limits.max_sector_frac {
        Some(_) if case.waived.sector => Finding::Pass,
        Some(_) if case.order.sector.is_none() => Finding::Deny { code: Code::SectorUnknown, limit: 0.0, value: 0.0 },
        Some(limit) => room::within(case, Code::SectorMax, limit, case.exposure.sector),
        None => Finding::Pass,
    }
}
