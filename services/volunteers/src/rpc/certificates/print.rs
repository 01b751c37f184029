//! How a certificate is printed: the same words as HTML and as PDF.

pub mod html;
pub mod pdf;

#[cfg(test)]
mod tests;

use crate::domain::certificate::Holder;
use crate::store::certificate::Stored;

/// What every certificate is called.
pub const TITLE: &str = "志愿服务记录证明";

/// All that is printed.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The certificate.
    pub stored: Stored,
    /// The holder.
    pub holder: Holder,
    /// What was served: content, minutes, times.
    pub lines: Vec<(String, i64, i64)>,
    /// The code of the public check.
    pub code: String,
    /// The address of the public check.
    pub check: String,
}

impl Sheet {
    /// The names and values above the table.
    pub fn head(&self) -> Vec<(&'static str, String)> {
        let certificate = &self.stored.certificate;
        let period = format!("{} 至 {}", certificate.content.from, certificate.content.to);
        vec![
            ("证明编号", certificate.number.clone()),
            ("姓名", self.holder.display_name.clone()),
            ("身份证号", self.holder.identity_number.clone()),
            ("志愿者编号", certificate.volunteer.clone()),
            ("服务时间", period),
            ("服务次数", certificate.times().to_string()),
            ("服务总时长", hours(certificate.minutes())),
        ]
    }

    /// The names and values below the table.
    pub fn foot(&self) -> Vec<(&'static str, String)> {
        let issued = &self.stored.certificate.issued;
        vec![
            ("出具单位", issued.issuer.clone()),
            ("经办人", issued.handler.clone()),
            ("联系方式", issued.contact.clone()),
            ("出具日期", issued.day.to_string()),
            ("验证码", self.code.clone()),
            ("验证网址", self.check.clone()),
        ]
    }

    /// What whoever reads it must know besides.
    pub fn notes(&self) -> Vec<&'static str> {
        let mut notes = Vec::new();
        if self.stored.certificate.revoked.is_some() {
            notes.push("本证明已撤销，不再有效。");
        }
        if self.stored.corrected {
            notes.push("出具后有服务记录更正，请以最新记录为准。");
        }
        notes
    }
}

/// Minutes as hours and minutes.
pub fn hours(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("{hours} 小时"),
        (0, minutes) => format!("{minutes} 分钟"),
        (hours, minutes) => format!("{hours} 小时 {minutes} 分钟"),
    }
}
