use super::{
    Format,
    finding::{Finding, Status},
};
use crate::output::{self, Screen, json, text};
use dockeeper_zk_client::ConnectString;
use serde::Serialize;

/// The longest name of a check.
const CHECK_LEN: usize = 12;

/// What is tested besides the single servers.
pub(super) const ENSEMBLE: &str = "ZooKeeper";
pub(super) const DOCKER: &str = "Docker";

/// Prints findings as they come, so that a test that takes its time shows where it is.
pub(super) struct Report {
    format: Format,
    screen: Screen,
    target_len: usize,
    lines: Vec<Line>,
}

/// A finding, and where.
#[derive(Serialize)]
struct Line {
    target: String,
    #[serde(flatten)]
    finding: Finding,
}

// === impl Report ===

impl Report {
    pub(super) fn new(format: Format, servers: &ConnectString) -> Self {
        let hosts = servers.hosts().iter().map(|host| host.to_string().len());
        Self {
            format,
            screen: Screen::of_stdout(),
            target_len: hosts.max().unwrap_or(0).max(ENSEMBLE.len()),
            lines: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, target: &str, finding: Finding) -> anyhow::Result<()> {
        if self.format == Format::Text {
            output::print(&self.text(target, &finding))?;
        }
        let target = target.to_owned();
        self.lines.push(Line { target, finding });
        Ok(())
    }

    pub(super) fn finish(&self) -> anyhow::Result<()> {
        match self.format {
            Format::Text => Ok(()),
            Format::Json => output::print(&json::array(&self.lines)?),
        }
    }

    pub(super) fn failures(&self) -> usize {
        self.count(Status::Fail)
    }

    pub(super) fn warnings(&self) -> usize {
        self.count(Status::Warn)
    }

    fn count(&self, status: Status) -> usize {
        let lines = self.lines.iter();
        lines.filter(|line| line.finding.status == status).count()
    }

    fn text(&self, target: &str, finding: &Finding) -> String {
        let status = format!("{:<4}", finding.status.word());
        let status = match finding.status {
            _ if !self.screen.has_colour => status,
            Status::Ok => format!("\u{1b}[32m{status}\u{1b}[0m"),
            Status::Warn => format!("\u{1b}[33m{status}\u{1b}[0m"),
            Status::Fail => format!("\u{1b}[31m{status}\u{1b}[0m"),
        };
        let (width, check) = (self.target_len, finding.check);
        let found = text::clean(&finding.found);
        let mut text = format!("{status}   {target:<width$}   {check:<CHECK_LEN$}   {found}\n");
        if let Some(advice) = &finding.advice {
            let indent = " ".repeat(4 + 3);
            text.push_str(&format!("{indent}-> {advice}\n"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_a_line_and_its_advice_another() {
        let mut report = Report::new(Format::Text, &"zk1".parse().unwrap());
        report.screen.has_colour = false;
        let finding = Finding::warn("version", "3.6\n", "go on");
        assert_eq!(
            report.text("zk1:2181", &finding),
            "warn   zk1:2181    version        3.6\\n\n       -> go on\n"
        );
    }
}
