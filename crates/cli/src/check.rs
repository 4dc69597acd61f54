//! `awaitlab check`.

use crate::args::CheckArgs;
use crate::exit::Exit;
use crate::{output, select};

/// Reads every scenario and says what is wrong with each.
pub(crate) fn check(args: &CheckArgs) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    if args.scenarios.is_empty() {
        select::read(&[], &args.set)?;
    }
    for path in &args.scenarios {
        match select::read(std::slice::from_ref(path), &args.set) {
            Ok(scenarios) => {
                for scenario in scenarios {
                    let (variants, strategies) =
                        (scenario.variants.len(), scenario.strategies.len());
                    let name = path.display();
                    output::results(&format!(
                        "{name}: ok, {variants} variant{} x {strategies} strateg{}\n",
                        if variants == 1 { "" } else { "s" },
                        if strategies == 1 { "y" } else { "ies" },
                    ))?;
                }
            }
            Err(error) => exit = crate::exit::report(&error),
        }
    }
    Ok(exit)
}
