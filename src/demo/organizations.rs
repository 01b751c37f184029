//! Organizations of the demo: the city's centre with its 41 windows, the towns' and villages' centres, and the places
//! where people are received.

use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::OrganizationKind as Kind;

use super::{CITY, EDITION};

/// The departments that sit in the windows of the city's centre: an id, a name, and what each handles.
const DEPARTMENTS: [(&str, &str, &[&str]); 41] = [
    ("development-and-reform", "市发展和改革委员会", &["发展规划", "价格"]),
    ("education", "市教育局", &["教育", "入学"]),
    ("science-and-technology", "市科学技术局", &["科技"]),
    ("industry-and-information", "市工业和信息化局", &["工业"]),
    ("ethnic-and-religious-affairs", "市民族宗教事务局", &["民族宗教"]),
    ("public-security", "市公安局", &["治安", "户籍", "交通"]),
    ("civil-affairs", "市民政局", &["低保", "社会救助", "养老"]),
    ("justice", "市司法局", &["法律援助", "调解"]),
    ("finance", "市财政局", &["财政"]),
    ("human-resources", "市人力资源和社会保障局", &["就业", "社保", "劳动"]),
    ("natural-resources", "市自然资源和规划局", &["土地", "不动产"]),
    ("ecology", "市生态环境局", &["环境"]),
    ("housing", "市住房和城乡建设局", &["住房", "物业"]),
    ("urban-management", "市城市管理局", &["市容", "路灯"]),
    ("transport", "市交通运输局", &["公路", "公交"]),
    ("water", "市水利局", &["水利", "河道"]),
    ("agriculture", "市农业农村局", &["农业", "农村"]),
    ("commerce", "市商务局", &["商务"]),
    ("culture-and-tourism", "市文化广电和旅游局", &["文化", "旅游"]),
    ("health", "市卫生健康委员会", &["医疗", "防疫"]),
    ("veterans", "市退役军人事务局", &["退役军人"]),
    ("emergency-management", "市应急管理局", &["应急", "安全生产"]),
    ("audit", "市审计局", &["审计"]),
    ("market-regulation", "市市场监督管理局", &["消费", "食品安全"]),
    ("statistics", "市统计局", &["统计"]),
    ("medical-insurance", "市医疗保障局", &["医保"]),
    ("petitions", "市信访局", &["信访"]),
    ("government-services", "市政务服务管理办公室", &["政务服务"]),
    ("tax", "市税务局", &["税务"]),
    ("meteorology", "市气象局", &["气象"]),
    ("fire-and-rescue", "市消防救援大队", &["消防"]),
    ("tobacco", "市烟草专卖局", &["烟草"]),
    ("power-supply", "市供电公司", &["供电"]),
    ("water-supply", "市自来水公司", &["供水"]),
    ("gas-supply", "市燃气公司", &["供气"]),
    ("post", "市邮政公司", &["邮政"]),
    ("housing-fund", "市住房公积金管理部", &["公积金"]),
    ("disabled-federation", "市残疾人联合会", &["残疾人"]),
    ("women-federation", "市妇女联合会", &["妇女儿童"]),
    ("trade-union", "市总工会", &["工会"]),
    ("archives", "市档案馆", &["档案"]),
];

/// The id of the city's centre.
pub const CITY_CENTRE: &str = "city-service-centre";

/// Every organization, in an order in which each comes after the one above it.
pub fn plan(
    towns: &[(String, String)],
    villages: &[(String, String)],
) -> Vec<proto::CreateOrganizationRequest> {
    let mut all = vec![organization(CITY_CENTRE, "市行政服务中心", Kind::ServiceCentreCity, CITY, None, &[])];
    for (id, name, functions) in DEPARTMENTS {
        all.push(organization(id, name, Kind::Department, CITY, None, functions));
        let window = format!("window-{id}");
        let name = format!("{name}窗口");
        all.push(organization(&window, &name, Kind::Window, CITY, Some(CITY_CENTRE), functions));
    }
    all.push(organization(
        "supervision-centre",
        "市监督投诉中心",
        Kind::Department,
        CITY,
        None,
        &["监督", "投诉"],
    ));
    all.push(organization(
        "mediation-centre",
        "市大调解中心",
        Kind::MediationCommittee,
        CITY,
        None,
        &["调解"],
    ));
    all.push(organization(
        "volunteer-corps",
        "市志愿服务队",
        Kind::VolunteerCorps,
        CITY,
        None,
        &["志愿服务"],
    ));
    all.push(organization(
        "charity-federation",
        "市慈善总会",
        Kind::CharityFederation,
        CITY,
        None,
        &["慈善"],
    ));
    for (code, name) in towns {
        let id = format!("town-centre-{code}");
        let studio = format!("studio-{code}");
        let kind = Kind::ServiceCentreTown;
        all.push(organization(
            &id,
            &format!("{name}便民服务中心"),
            kind,
            code,
            Some(CITY_CENTRE),
            &["政务服务"],
        ));
        all.push(organization(&studio, &format!("{name}代表工作室"), Kind::Studio, code, None, &["接待"]));
    }
    for (code, name) in villages {
        let id = format!("village-centre-{code}");
        let above = format!("town-centre-{}", code.get(..9).unwrap_or(code));
        let kind = Kind::ServiceCentreVillage;
        all.push(organization(&id, &format!("{name}便民服务站"), kind, code, Some(&above), &["政务服务"]));
    }
    all
}

fn organization(
    id: &str,
    name: &str,
    kind: Kind,
    code: &str,
    parent: Option<&str>,
    functions: &[&str],
) -> proto::CreateOrganizationRequest {
    proto::CreateOrganizationRequest {
        organization: Some(proto::Organization {
            display_name: name.to_owned(),
            kind: kind.into(),
            parent: parent.map(|id| format!("organizations/{id}")).unwrap_or_default(),
            division_code: code.to_owned(),
            functions: functions.iter().map(ToString::to_string).collect(),
            effective_from: EDITION.to_owned(),
            ..Default::default()
        }),
        organization_id: id.to_owned(),
        ..Default::default()
    }
}
