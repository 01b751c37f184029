//! Made-up cases: what people of a county-level city call a hotline about, in short sentences of real words.
//!
//! Sixteen departments, some far busier than others, each with duties as their public lists have them, and thirteen
//! towns, whose centres take what is small and near. Some duties are named in the same words by two departments; every
//! text has filler that says nothing; one case in twenty went to whatever organization, as it happens.

use minqing_platform::code::Code;

use crate::domain::case::CaseType;

/// A case that was dispatched.
#[derive(Debug, Clone)]
pub struct Case {
    pub text: String,
    pub case_type: CaseType,
    pub item: Option<String>,
    pub place: Code,
    pub organization: String,
}

/// A department, how busy it is, and what it is called about.
type Duties = (&'static str, u32, &'static [&'static str]);

const DEPARTMENTS: [Duties; 16] = [
    (
        "urban",
        22,
        &[
            "流动摊贩占道经营",
            "夜间施工噪音扰民",
            "违章建筑无人拆除",
            "户外广告牌脱落",
            "人行道乱停电动车",
            "小区门口烧烤油烟",
        ],
    ),
    (
        "housing",
        18,
        &[
            "物业公司不作为",
            "电梯经常故障",
            "房屋漏水开发商不维修",
            "维修基金申请",
            "公租房申请条件",
            "小区下水道堵塞",
        ],
    ),
    (
        "traffic-police",
        12,
        &["红绿灯故障", "路口违章停车", "货车超速行驶", "申请增加斑马线", "驾驶证换证流程"],
    ),
    ("water", 10, &["小区停水", "自来水发黄有异味", "水管爆裂漏水", "水费异常", "水压太低"]),
    (
        "environment",
        9,
        &["工厂排放废气", "河道水质发黑发臭", "企业偷排污水", "夜间施工噪音扰民", "化工厂异味"],
    ),
    ("labour", 9, &["拖欠工资", "社保卡补办", "工伤认定", "养老保险转移接续", "失业金领取"]),
    ("market", 8, &["超市出售过期食品", "餐馆卫生差", "网购退款纠纷", "健身房倒闭不退费", "电动车质量问题"]),
    ("transport", 7, &["公交车不准点", "出租车拒载", "公路路面塌陷", "公交站台损坏", "网约车绕路"]),
    ("education", 6, &["学区划分", "培训机构不退费", "学校食堂饭菜质量", "老师体罚学生", "幼儿园收费过高"]),
    ("health", 6, &["医院收费不合理", "预约挂号困难", "疫苗接种时间", "医生态度恶劣", "诊所无证行医"]),
    ("power", 5, &["小区停电", "电表损坏", "电线杆倾斜", "充电桩报装", "变压器噪音"]),
    ("medical-insurance", 4, &["医保报销比例", "异地就医备案", "医保卡无法使用", "慢性病认定"]),
    ("civil-affairs", 4, &["低保申请", "养老院收费", "婚姻登记预约", "残疾人补贴发放"]),
    ("agriculture", 3, &["农药化肥质量", "土地流转纠纷", "秸秆焚烧", "养殖场臭味", "农机补贴"]),
    ("gas", 3, &["燃气管道漏气", "燃气表故障", "天然气安装预约"]),
    ("land", 2, &["宅基地审批", "不动产登记", "征地补偿款未到账"]),
];
/// How busy the centres of all towns are together, and what they are called about.
const TOWNS: (u32, &[&str]) = (
    20,
    &["村里道路破损", "垃圾无人清理", "路灯不亮", "村务公开", "邻居纠纷调解", "河道水质发黑发臭", "秸秆焚烧"],
);
const TOWN_COUNT: u32 = 13;

const OPENINGS: [&str; 8] =
    ["您好，", "你好，我要反映一下，", "市民来电：", "请问", "我是附近居民，", "之前打过电话，", "", ""];
const FILLERS: [&str; 8] = [
    "，已经持续一个多月了",
    "，严重影响正常生活",
    "，多次联系都没有人处理",
    "，老人和孩子出行不便",
    "，希望尽快解决",
    "，要求相关单位给个说法",
    "，电话一直打不通",
    "",
];
const CLOSINGS: [&str; 5] = ["。谢谢！", "，请尽快回复。", "，望处理。", "😡😡", "。联系电话13800138000。"];

/// Cases without end, the same for the same seed.
pub struct Corpus(u64);

impl Corpus {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn cases(&mut self, count: usize) -> Vec<Case> {
        (0..count).map(|_| self.case()).collect()
    }

    fn case(&mut self) -> Case {
        let town = 100 + self.below(TOWN_COUNT);
        let place: Code = format!("321181{town}{}", 200 + self.below(15)).parse().unwrap();
        let (mut organization, duties) = self.called(town);
        let mut text = format!("{}{}", self.one(&OPENINGS), self.one(duties));
        if self.below(3) == 0 {
            text.push_str("，还有");
            text.push_str(self.one(duties));
        }
        text.push_str(self.one(&FILLERS));
        text.push_str(self.one(&CLOSINGS));
        let item = (self.below(10) == 0).then(|| format!("items/{organization}-1"));
        if self.below(20) == 0 {
            organization = self.called(town).0;
        }
        let organization = format!("organizations/{organization}");
        let case_type = [CaseType::Help, CaseType::Consultation, CaseType::Complaint][self.below(3) as usize];
        Case { text, case_type, item, place, organization }
    }

    /// Who is called, as often as they are busy, and about what.
    fn called(&mut self, town: u32) -> (String, &'static [&'static str]) {
        let busy: u32 = DEPARTMENTS.iter().map(|(_, busy, _)| busy).sum();
        let mut chosen = self.below(busy + TOWNS.0);
        for (id, busy, duties) in DEPARTMENTS {
            if chosen < busy {
                return (id.to_owned(), duties);
            }
            chosen -= busy;
        }
        (format!("town-{town}"), TOWNS.1)
    }

    fn one(&mut self, of: &[&'static str]) -> &'static str {
        of[self.below(u32::try_from(of.len()).unwrap()) as usize]
    }

    /// A number below another one (SplitMix64).
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed ^ (mixed >> 31)) % u64::from(end)).unwrap()
    }
}
