//! Words that say nothing by themselves.

/// Sorted by their characters, for the look-up.
const STOP: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "for", "from", "has", "have", "he",
    "her", "his", "i", "in", "is", "it", "its", "me", "my", "no", "not", "of", "on", "or", "our", "she",
    "so", "that", "the", "their", "them", "there", "they", "this", "to", "us", "was", "we", "were", "with",
    "you", "your", "一下", "一个", "一些", "一直", "一种", "上", "下", "不", "且", "个", "中", "为", "为了",
    "也", "了", "于", "什么", "今天", "从", "他", "他们", "以", "以及", "们", "但", "但是", "你", "你们",
    "使", "其", "具", "再", "出", "到", "却", "又", "及", "反映", "只", "可", "可以", "各", "向", "吗", "吧",
    "呢", "和", "哪", "啊", "因", "因为", "在", "地", "多", "大家", "她", "她们", "好", "如", "如果", "它",
    "对", "将", "就", "已", "已经", "希望", "并", "很", "得", "怎么", "您", "您好", "情况", "我", "我们",
    "或", "所", "所以", "把", "时候", "是", "最", "有", "有关", "来", "某", "没", "没有", "然后", "现在",
    "用", "由", "的", "目前", "着", "等", "给", "而", "能", "自己", "被", "要", "让", "请", "请问", "谁",
    "谢谢", "跟", "还", "这", "这个", "这些", "这样", "进行", "通过", "那", "那个", "那些", "部门", "都",
    "问题",
];

/// Whether a word in lower case says nothing.
pub fn is_stop(word: &str) -> bool {
    // Short enough a list to be looked through, were it not asked for every word of every text.
    STOP.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_as_the_look_up_needs_it() {
        let unsorted: Vec<_> = STOP.windows(2).filter(|pair| pair[0] >= pair[1]).collect();
        assert_eq!(unsorted, Vec::<&[&str]>::new());
    }

    #[test]
    fn every_word_of_the_list_is_found() {
        assert!(STOP.iter().all(|word| is_stop(word)));
        assert!(!is_stop("水管"));
    }
}
