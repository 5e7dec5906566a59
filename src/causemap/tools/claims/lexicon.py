"""The words claims are made of: what they are about, directions, causes, doubt. English, Chinese.

Patterns are matched on folded text (see :func:`causemap.tools.claims.numbers.fold`), English ones
without regard to case. What a phrase only looks like ("digital gold", "dollar-denominated") is
masked first.
"""

from __future__ import annotations

import re
from typing import Final

from causemap.closed_sets import Cause

# Words that name an asset but speak of something else.
MASKS: Final = re.compile(
    r"(?:against|versus) the (?:U\.?S\.? )?dollar|digital gold|(?:Canadian|Australian|Hong Kong|Singapore|New Zealand|Taiwan|Jamaican) dollars?|(?:precious )?(?:metals?|gold|silver) (?:bulls?|bugs?)|gold (?:anchor\w*|price-linked|standard|rush)|gold-(?:linked|related|backed|anchored)"
    r"(?: \w+)?|tokeni[sz]ed gold|golden\b|dollar[ -](?:denominated|arbitrage|liquidity|funding|"
    r"cost|based|milkshake)|dollar index options|higher-for-longer|\w*coin miners?|crypto miners?|"
    r"(?:crypto|bitcoin|btc|eth|digital[- ]asset)[ -](?:specific|native|focused|related|industry|press|"
    r"derivatives?|funding|structure|liquidations?|narratives?|rally|regime|etfs?|miners?|beta|"
    r"treasur\w+|exchanges?|traders?|positions?|sentiment|community|liquidity)|"
    r"AI (?:revolution|bubble|narrative|infrastructure)|stock (?:prices? (?:of|will)|picker\w*)|in stock|tech(?:nology)? weight|technical|"
    r"(?<=[\d万亿])\s?(?:美元|美金)|(?:人民币|日元|欧元|英镑|韩元)[兑对]美元(?:汇率)?|数字黄金|黄金挂钩|黄金代币|代币化黄金|加密货币(?:清算|监管|行业|交易所|衍生品)|比特币(?:矿企|矿工|矿股)|"
    r"美元计价|美元流动性",
    re.IGNORECASE,
)

_TECH: Final = r"tech(?:nology)?|AI(?:[-/ ](?:linked|related|driven|adjacent))?(?:[/ ]tech(?:nology)?)?"
# What is named -> how English and Chinese name it; the longest reading at a place wins.
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "GDX": (
        r"gold (?:and silver )?(?:mining |miner |producer )?(?:miners?|producers?|equit(?:y|ies)|stocks?|shares|"
        r"mining stocks|mining shares)|(?:gold )?miners|mining stocks|GDX",
        "黄金矿业股|金矿股|黄金股|黄金矿企|矿业股|黄金股票",
    ),
    "GOLD": (
        r"(?:physical |spot |COMEX |LBMA )?(?:gold|bullion)(?: bullion)?(?:'s)?(?: (?:spot |futures? )?prices?| futures)?"
        r"|XAU(?:USD)?",
        "实物黄金|现货黄金|黄金期货|黄金价格|国际金价|金价|黄金",
    ),
    "SILVER": (r"(?:spot |COMEX )?silver(?: prices?| futures)?|XAG(?:USD)?", "现货白银|白银期货|银价|白银"),
    "METALS": (r"precious metals?", "贵金属"),
    "BTC": (
        r"(?:bitcoin|btc)(?:'s)?(?: (?:spot )?price)?|crypto(?:currenc(?:y|ies)|currency markets?| assets?| markets?|s)?"
        r"(?![\w-])|digital assets",
        "比特币价格|比特币|加密货币市场|加密货币|加密资产|加密市场|币市|大饼",
    ),
    "ETH": (r"ether(?:eum)?(?: price)?|(?-i:ETH)", "以太坊|以太币"),
    "SOL": (r"(?-i:SOL|Solana)(?:'s)?(?: price)?", "索拉纳"),
    "SPX": (
        r"S&P(?: ?500)?(?: index)?|(?-i:SPX)(?: futures)?|(?:the )?(?:U\.?S\.?|American|Wall Street) "
        r"(?:stocks?|equit(?:y|ies)|shares)(?: markets?)?|Wall Street|(?:global )?(?:stocks|equities)|stock markets?",
        "标普500指数|标普500|标普|美股|美国股市|股市",
    ),
    "NDX": (
        rf"Nasdaq(?:[- ]100)?(?: (?:index|composite))?|(?-i:NDX)|(?:{_TECH})(?:[ -](?:stocks?|shares|equit(?:y|ies)|names|sector|giants?))?"
        r"|(?:mega-?cap|growth)[ -](?:stocks?|shares|equit(?:y|ies)|names)",
        "纳斯达克100指数|纳斯达克100|纳斯达克|纳指|科技股|人工智能和科技股|科技领军企业|人工智能",
    ),
    "DJI": (r"Dow Jones(?: Industrial Average)?|the Dow", "道琼斯|道指"),
    "IGV": (r"(?:AI/)?software(?: (?:stocks|shares|names|sector))?|(?-i:IGV)", "软件股|软件板块"),
    "SMH": (
        r"semiconductors?(?: (?:stocks|shares|names))?|semis|chip ?(?:stocks|makers|shares|index)|Philadelphia Semiconductor index|(?-i:SMH|SOX)",
        "半导体股?|芯片股|半导体板块",
    ),
    "MAG7": (r"MAG ?7|Magnificent (?:Seven|7)", "七巨头|美股七姐妹"),
    "MAG7_PE": (r"forward (?:PE|P/E)(?: ratio)?s? of (?:the )?MAG ?7|(?:forward )?P/E ratios?", "远期市盈率|市盈率"),
    "IWM": (r"small[- ]caps?(?: stocks)?|Russell 2000", "小盘股|罗素2000"),
    "KRE": (r"regional banks?(?: stocks| shares)?", "区域银行股?"),
    "EWJ": (r"Nikkei(?: 225)?|Japanese (?:stocks|equities)", "日经|日股"),
    "DXY": (
        r"(?:the )?(?:strong )?(?:U\.?S\.? )?dollar(?: index| strength(?! ))?|(?-i:DXY|USDX?)(?![A-Z])|(?:the )?greenback",
        "美元指数|美指|美元(?!计|流)",
    ),
    "USDJPY": (r"(?-i:USD/?JPY)|dollar[-/]yen", "美元兑日元"),
    "REAL10Y": (
        r"(?:U\.?S\.? )?(?:10-year |ten-year |long-term )?real (?:interest rates?|rates?|yields?)",
        "实际收益率|实际利率",
    ),
    "BE10Y": (r"(?:10-year )?break-?evens?(?: inflation(?: rates?)?)?|inflation expectations", "通胀预期"),
    "UST2Y": (r"(?:2|two)[- ]year (?:U\.?S\.? )?(?:Treasury )?(?:note )?yields?|short-(?:term|end) yields?|front-end yields?", "(?:两|2)年期(?:美国国债|美债)?收益率"),
    "UST10Y": (
        r"(?:10|ten)[- ]year (?:U\.?S\.? )?(?:Treasury )?(?:note )?yields?|(?-i:US10Y)|(?:(?:U\.?S\.?|Treasury|bond|nominal) ){0,3}yields?",
        "(?:十|10)年期(?:美国国债|美债)?收益率|美债收益率|国债收益率|收益率",
    ),
    "UST30Y": (
        r"(?:30|thirty)[- ]year (?:U\.?S\.? )?(?:Treasury )?(?:bond )?yields?|long-(?:term|end|dated) (?:bond |Treasury )?yields?",
        "(?:三十|30)年期(?:美国国债|美债)?收益率|长期(?:债券|国债)?收益率|长端收益率",
    ),
    "VIX": (
        r"(?:the )?(?-i:VIX)(?: index)?|(?:(?:realized|realised|implied|equity|market) )?vol(?:atility)?(?: index)?(?![\w-])",
        "VIX|恐慌指数|波动率",
    ),
    "HY_OAS": (r"(?:high[- ]yield|junk|credit) (?:bond )?spreads?", "高收益债利差|信用利差"),
    "WTI": (r"(?:crude )?oil(?: prices?)?|WTI|crude", "原油|油价"),
    "COPX": (r"copper(?: prices?)?", "铜价"),
    "FUNDING": (r"(?:(?:perp\w*|bitcoin|BTC) )?funding rates?|perp\w* funding", "资金费率"),
    "OI": (r"open interest", "未平仓合约|持仓量|未平仓量"),
    "RESERVES": (r"bank reserves?|reserve balances", "银行准备金|准备金余额"),
    "SOFR_IORB": (r"SOFR[ -]?(?:and|minus|/|-)?[ -]?IORB(?: spread)?|SOFR", "SOFR"),
    **{
        ticker: (names, zh)
        for ticker, names, zh in (
            ("NVDA", "Nvidia|(?-i:NVDA)", "英伟达"),
            ("MSFT", "Microsoft|(?-i:MSFT)", "微软"),
            ("AAPL", r"Apple(?:'s)? (?:stock|shares)|(?-i:AAPL)", "苹果股价"),
            ("AMZN", "Amazon|(?-i:AMZN)", "亚马逊"),
            ("GOOGL", "Alphabet|Google|(?-i:GOOGL?)", "谷歌"),
            ("TSLA", "Tesla|(?-i:TSLA)", "特斯拉"),
            ("AMD", "(?-i:AMD)", "超微"),
            ("PLTR", "Palantir|(?-i:PLTR)", "帕兰提尔"),
        )
    },
}
MEMBERS: Final = {"METALS": ("GOLD", "SILVER")}
_ENGLISH: Final = "|".join(f"(?P<{key}>{names[0]})" for key, names in _NAMES.items())
_CHINESE: Final = "|".join(f"(?P<{key}>{names[1]})" for key, names in _NAMES.items())
NAMED_EN: Final = {
    key: re.compile(rf"(?<![A-Za-z0-9&])(?:{names[0]})(?:(?![A-Za-z0-9])|(?-i:(?<=[A-Z]{{3}})(?=[a-z]{{3}})))", re.IGNORECASE)
    for key, names in _NAMES.items()
}
NAMED_ZH: Final = {key: re.compile(names[1]) for key, names in _NAMES.items()}

_DOWN: Final = (
    r"(?:fell|fall(?:s|en|ing)?|dropp?(?:s|ed|ing)?|declin(?:es?|ed|ing)|plung(?:es?|ed|ing)|plummet(?:s|ed|ing)?|"
    r"slump(?:s|ed|ing)?|slid(?:es?|ing)?|tumbl(?:es?|ed|ing)|sank|sinks?|sinking|crash(?:es|ed|ing)?|"
    r"collaps(?:es?|ed|ing)|retreat(?:s|ed|ing)?|lost ground|(?:lost|shed|losing)(?= (?:about |around |roughly |nearly |"
    r"over |more than |almost )*\$?\d)|"
    r"s(?:old|elling|ells?) off|being sold|weaken(?:s|ed|ing)?|soften(?:s|ed|ing)?|gap(?:s|ped)? (?:down|lower)|(?:closed|ended|finished) (?:down|lower)|"
    r"cratered|nosedived?|tanked|hammered(?: down)?|tighten(?:ed|ing) by|narrowed|shrank|eased|slipp(?:ed|ing)|"
    r"edged (?:down|lower)|moved lower|(?:turned|went|is|are|was|were) (?:sharply )?(?:down|lower|negative)|bled)"
)
_UP: Final = (
    r"(?:rose|ris(?:es?|en|ing)|climb(?:s|ed|ing)?|jump(?:s|ed|ing)?|surg(?:es?|ed|ing)|soar(?:s|ed|ing)?|"
    r"gain(?:s|ed|ing)?|rall(?:y|ies|ied|ying)|advanc(?:es?|ed|ing)|strengthen(?:s|ed|ing)?|spik(?:es?|ed|ing)|"
    r"widen(?:s|ed|ing)?|rebound(?:s|ed|ing)?|recover(?:s|ed|ing)?|(?:closed|ended|finished) (?:up|higher)|edged (?:up|higher)|moved higher|"
    r"(?:turned|went|is|are|was|were) (?:sharply )?(?:up|higher|positive)|firmed|appreciated)"
)
_FLAT: Final = (
    r"(?:h(?:eld|olds|olding) (?:firm|up|steady|its ground)|(?:remain\w*|stay\w*|been|was|were|is|are|proved?) "
    r"(?:relatively |broadly |largely |remarkably |comparatively )?(?:resilient|stable|steady|flat|unchanged|firm)|"
    r"barely (?:moved|changed)|little changed|did not (?:move|budge))"
)
_NOUN_DOWN: Final = (
    r"(?:declines?|drops?|falls?|plunges?|crash(?:es)?|collapse|slump|slide|sell-?offs?|rout|drawdowns?|"
    r"retreat|weakness|tumble|loss(?:es)?|corrections?|downturn|pullback)"
)
_NOUN_UP: Final = r"(?:rises?|gains?|rall(?:y|ies)|surges?|jumps?|spikes?|strength|rebounds?|increases?)"
_ADJ_UP: Final = r"(?:rising|higher|stronger|strengthening|climbing|surging|firmer|soaring)"
_ADJ_DOWN: Final = r"(?:falling|lower|weaker|weakening|declining|sliding|plunging|softer)"
_ZH_DOWN: Final = (
    "领跌|同步下跌|齐跌|下跌|大跌|暴跌|急跌|重挫|下挫|走低|回落|下滑|崩盘|崩跌|跳水|走弱|贬值|下行|回撤|收跌|"
    "跌(?=了|约|近|超|逾|幅|去|\\d)|下降|减弱|跌至|跌到|闪崩|被(?:大规模)?抛售|遭(?:到)?抛售"
)
_ZH_UP: Final = "领涨|上涨|大涨|暴涨|飙升|攀升|走高|上升|反弹|走强|升值|上行|收涨|涨(?=了|约|近|超|逾|幅|\\d)|升至|涨至|增强|回升"
_ZH_FLAT: Final = "持稳|坚挺|保持稳定|保持韧性|表现出韧性|(?:相对)?抗跌|横盘|基本持平"
_ZH_NOUN: Final = "疲软|跌势|抛售潮"

PREDICATES_EN: Final = re.compile(
    rf"(?<![\w-])(?:(?P<flat>{_FLAT})|(?P<down>{_DOWN})|(?P<up>{_UP})|(?P<ndown>{_NOUN_DOWN})|"
    rf"(?P<nup>{_NOUN_UP}))(?![\w-])|(?<![\w-])(?:(?P<aup>{_ADJ_UP})|(?P<adown>{_ADJ_DOWN}))(?![\w-])",
    re.IGNORECASE,
)
ADJECTIVES: Final = re.compile(
    rf"(?<![\w-])(?:(?P<up>{_ADJ_UP})|(?P<down>{_ADJ_DOWN}))(?![\w-])", re.IGNORECASE
)
PREDICATES_ZH: Final = re.compile(
    rf"(?P<flat>{_ZH_FLAT})|(?P<down>{_ZH_DOWN})|(?P<up>{_ZH_UP})|(?P<ndown>{_ZH_NOUN})"
)
# Verbs that act on what follows them.
ACTS: Final = re.compile(
    r"(?<![\w-])(?:(?P<up>(?:push|driv|drove|sent|send)\w* (?:up|higher)|(?:lift|boost)(?:s|ed|ing)?(?: up)?)|"
    r"(?P<down>(?:drag|push|driv|drove|sent|send|knock)\w* (?:down|lower)|dragg\w+)|"
    r"(?P<sent>(?:push|driv|drove|sent|send)\w*))\s$",
    re.IGNORECASE,
)
SENT_DOWN: Final = re.compile(
    r"^(?: \w+)? (?:down|lower|tumbling|sliding|plunging|falling|crashing|reeling)\b", re.IGNORECASE
)
SENT_UP: Final = re.compile(r"^(?: \w+)? (?:up|higher|soaring|surging|rallying|jumping)\b", re.IGNORECASE)
LIGHT: Final = re.compile(
    r"(?:experienc\w+|record\w*|saw|seen|suffer\w*|post\w*|staged?|fac\w+|underwent|mark(?:s|ed|ing)?|reach\w*|"
    r"enter\w*|undergo\w*)(?: [\w-]+){0,4}\s$",
    re.IGNORECASE,
)
BELOW: Final = re.compile(
    r"(?<![\w-])(?:below|under|beneath|through|breach\w*)\s(?:the |its )?(?:key |psychological )?$|"
    r"(?:跌破|失守|击穿|低于|跌穿|下破)了?$",
    re.IGNORECASE,
)
ABOVE: Final = re.compile(
    r"(?<![\w-])(?:above|over|past|topp\w+|surpass\w*|exceed\w*)\s(?:the |its )?(?:key |psychological )?$|"
    r"(?:突破|站上|高于|升破|涨破|超过)了?$",
    re.IGNORECASE,
)
FROM: Final = re.compile(r"(?<!\w)from\s(?:its |a |the )?(?:record |all-time )?(?:high of |peak of )?(?:above |around |about |roughly |nearly |the )*(?:mid-)?$|从(?:约|近|接近)?$", re.IGNORECASE)
TO: Final = re.compile(
    r"(?<!\w)(?:to|at|near|around|toward\w*|hover\w* in|hover\w* around|high of|low of|peak of)\s(?:hover in )?(?:about |around |roughly |nearly |just |a |the |low of |high of )*(?:mid-)?$|"
    r"(?:至|到|报|在|触及)(?:约|近|接近)?$",
    re.IGNORECASE,
)
BREAKOUT: Final = re.compile(
    r"(?:break ?-?out|decisive (?:move|close|break)|break(?:s|ing)?|reclaim\w*|clear(?:s|ing)?)\b[^.;]{0,40}\b(?:above|over)\s(?:the )?$|"
    r"(?:reclaim\w*)\s(?:the )?$|(?:若|如果|一旦)[^。;]{0,20}(?:突破|站上|收复)$",
    re.IGNORECASE,
)
PEAK: Final = re.compile(
    r"(?:(?:peaks?|highs?)(?!\w)|高点|高位|峰值)", re.IGNORECASE
)
EXTREME: Final = re.compile(
    r"(?:(?:a |an |its |the |to )*(?P<near>nearly |almost |close to )?(?:(?P<years>\w+)[- ](?P<unit>year|month)s?[- ]|(?P<rec>record |all-time |historical |new |fresh |multi-year ))"
    r"(?P<kind>lows?|highs?))(?!\w)|(?P<zrec>历史|纪录|(?P<zn>[一两二三四五六七八九十\d]+)年(?:来|以来)?(?:的)?)(?P<zkind>新?[高低]点?)|创(?P<znew>新[高低])",
    re.IGNORECASE,
)
CORRELATION: Final = re.compile(r"correlat\w+(?! data)|相关性|关联性|联动性", re.IGNORECASE)
CORR_HIGH: Final = re.compile(r"elevated|\bhigh\b|tight|ris(?:e|ing|en)|rose|compress upward|approach\w*|near|climb|strong|spik|goes to|close to|增强|上升|升至|高达|走高|接近|提高", re.IGNORECASE)
CORR_LOW: Final = re.compile(r"\blow\b|negative|weak|decoupl|broke down|fell|fall|near zero|减弱|为负|下降|脱钩|走低|负相关", re.IGNORECASE)
STATES: Final = re.compile(
    r"(?P<low>(?:remain\w*|stay\w*|are|is|already|still) (?:\w+ )?(?:low|scarce|thin))(?!\w)|"
    r"(?P<high>(?:remain\w*|stay\w*|are|is|already|still) (?:\w+ )?(?:not loose|tight|elevated|high))(?!\w)|"
    r"(?P<neg>(?:turned|flipped|went|is|are|was|were) (?:deeply )?negative|转负|为负)|"
    r"(?P<pos>(?:turned|flipped|went|is|are|was|were) positive|转正)|(?P<zlow>偏低|处于低位|不足)|(?P<zhigh>偏紧|不宽松|紧张)",
    re.IGNORECASE,
)
MARGIN: Final = re.compile(
    r"(?:rais|hik|increas|lift|boost)\w*\s(?:\S+\s){0,3}?margin\b(?: requirements?)?|"
    r"margins?(?: \w+){0,3} (?:(?:were|was|are|been|be) (?:rais|hik|increas|lift)\w+|(?:would |will |to )?(?:rise|go up)|rose|went up)|increased margins|margin (?:hikes?|increases?)|"
    r"(?:上调|提高|调高)[^。,;]{0,12}保证金|保证金[^。,;]{0,6}(?:上调|提高|调高)",
    re.IGNORECASE,
)
LIQUIDATED: Final = re.compile(
    r"(?:wave of liquidations|liquidation wave|liquidations? (?:totall?ed|topped|hit|reached|exceeded)|"
    r"(?:\$ ?[\d.,]+ ?\w*|[bm]illions(?: of dollars)?) (?:in|of|worth of) (?:\w+ ){0,4}(?:liquidations|positions (?:were )?(?:liquidated|unwound))|"
    r"(?:were|was|been) liquidated)|爆仓(?:金额|总额|规模)?|清算事件|清算(?:金额|总额|规模)",
    re.IGNORECASE,
)
FLOW: Final = re.compile(
    r"(?:accumulat\w*|bought|buys?|purchas\w*|withdr[ae]w\w*|acquir\w*|added|scoop\w* up|买入|增持|购入|提取|囤积)(?:了|约)?\s?",
    re.IGNORECASE,
)
TOKENS: Final = re.compile(r"\s?(?:枚|个)?\s?(XAUT|PAXG|BTC|ETH|SOL|bitcoin|ether)(?![A-Za-z])(?: tokens?)?", re.IGNORECASE)
ACTOR: Final = re.compile(r"address|whale|wallet|holder|地址|巨鲸|钱包|鲸鱼", re.IGNORECASE)

_CAUSES: Final[dict[Cause, str]] = {
    "rates_shock": (
        r"real yields?|(?:higher|rising|long-term bond) (?:yields|rates)|rate[- ](?:cut )?(?:expectations|path)|rate cuts?|"
        r"policy[- ]?(?:path|and-liquidity|/liquidity| and liquidity)? ?(?:re)?pricing|policy/liquidity|hawkish|monetary tightening|"
        r"discount rate|鹰派|加息|降息预期|实际收益率上升|利率预期|收益率(?:上升|飙升|攀升)|货币(?:政策)?收紧"
    ),
    "ai_rerating": (
        r"(?:AI|tech(?:nology)?|AI/tech)[^,.;:]{0,30}(?:doubts?|valuations?|re-?rating|returns|disappoint\w*|fragility|bubble|"
        r"weakness|sell-?off)|(?:doubts?|concerns?|worries|fears?|confidence)[^,.;:]{0,40}(?:AI|tech(?:nology)?|capital expenditures?|capex)\b|"
        r"sell-?off in AI|multiple compression|stretched valuations|(?:人工智能|AI|科技)[^,。;、]{0,12}(?:疲软|泡沫|估值|抛售|失望|下跌|回调)"
    ),
    "liquidation_cascade": (
        r"(?:forced|mechanical|concentrated|collective|global|volatility-driven|volatility-induced)? ?de-?leveraging|forced (?:selling|liquidations?)|"
        r"(?:crypto(?:'s)?[- ](?:\w+ ){0,2}|crypto-specific |long |leveraged? |chain )?liquidations?(?: (?:cascades?|accelerators?|mechanics|dynamics|wave))?|"
        r"margin calls?|leveraged squeeze|去杠杆|强制平仓|被迫平仓|被动平仓|爆仓|清算|保证金追缴|连环平仓"
    ),
    "funding_stress": (
        r"liquidity (?:crisis|crunch|squeeze|drain)|dollar (?:shortage|funding (?:stress|squeeze))|funding (?:stress|squeeze)|dash for cash|"
        r"流动性(?:收紧|紧缩|危机|枯竭|紧张)"
    ),
    "growth_scare": (
        r"recession (?:fears?|worries|risks?)|growth (?:scare|fears?|worries|concerns)|weak(?:er)? (?:jobs|labou?r|economic|payrolls?)(?: \w+)?|"
        r"slowing (?:economy|growth)|衰退(?:担忧|恐慌|风险)?|经济(?:放缓|疲软)|就业(?:数据)?疲软"
    ),
    "policy_geopolitics": (
        r"geopolitic\w*(?: (?:tensions?|uncertaint\w+|conflicts?|risks?))?|tariffs?|trade (?:war|tensions?|disputes?)|"
        r"(?:Middle East|military) (?:conflict|tensions?)|government shutdown|地缘(?:政治)?(?:紧张)?(?:局势|冲突|风险)?|关税|贸易(?:紧张|争端|摩擦|战)"
    ),
    "positioning_unwind": (
        r"carry[- ]trades?|(?:position(?:ing)?|momentum|crowded(?: trade)?) unwind\w*|unwind(?:ing)? of (?:carry|crowded|leveraged) \w+|"
        r"(?:CTAs?|vol(?:atility)?[- ]target\w*|risk[- ]parity|systematic (?:funds|strateg\w+)) (?:\w+ ){0,2}sell\w*|crowded (?:positions?|trades?)|"
        r"套利交易|拥挤交易|仓位(?:平仓|出清)"
    ),
    "crypto_idiosyncratic": (
        r"(?:exchange|bridge|wallet|protocol) (?:hack|exploit|collapse|failure)|stablecoin (?:de-?peg|collapse)|crypto regulat\w+|etf outflows?|"
        r"交易所(?:被黑|倒闭|暴雷)|稳定币脱锚|加密(?:货币)?监管|ETF(?:资金)?流出"
    ),
}
CAUSES: Final[dict[Cause, re.Pattern[str]]] = {
    cause: re.compile(
        "|".join(part if not part.isascii() else part for part in (f"(?<![A-Za-z])(?:{words})",)),
        re.IGNORECASE,
    )
    for cause, words in _CAUSES.items()
}
CAUSAL: Final = re.compile(
    r"\b(?:drivers?|driven|drove|driving|causes?|caused|because|due to|owing to|on account of|as a result of|trigger(?:s|ed|ing|\s)|"
    r"trigger point|blamed?|attribut\w+|reasons?|stem\w* from|comes? down to|sparked|fuel+ed|amplified|undermined|"
    r"tightened|weigh(?:ed|s|ing) on|supported a|dragged|behind|convergence of|multiple shocks|culprits?|reflect\w*|"
    r"more akin to|added further|has been|reduced liquidity|amid|as .{0,60}, capital)\b|"
    r"原因|因素|驱动|引发|导致|推动|由于|因为|受[^。;]{1,20}影响|拖累|源于|归因|触发|催化",
    re.IGNORECASE,
)
FALL: Final = re.compile(
    r"sell-?offs?|selling|shocks? hit|drawdowns?|declin\w*|plung\w*|plummet\w*|crash\w*|fall(?:ing|s)?\b|fell|drop\w*|weakness|slump\w*|\brout\b|\bloss(?:es)?\b|collapse\w*|"
    r"risk-off|down(?:side|turn)|plunge|rotated away|de-?risking|squeeze|decline|stripped|liquidity in both|leadership cohort|"
    r"conditions at the margin|抛售|下跌|大跌|暴跌|跌|崩盘|回调|避险|厌恶|下行",
    re.IGNORECASE,
)
NOT: Final = re.compile(
    r"(?:\bnot(?! (?:just|only|merely|simply))|n't(?! (?:just|only|merely))|\bnever|\bno longer|\bneither|\bnor\b|\bwithout|并非|不是|没有|未(?!来)|而非)"
    r"[^,.;:—，。；：]{0,70}$",
    re.IGNORECASE,
)
# A statement about what may be, is usual, is asked or is advised asserts nothing about the tape.
UNREAL: Final = re.compile(
    r"\b(?:could|would|should|may|might|if|whether|unless|until|whenever|when you|will|expect(?:s|ed)? to|likely|probably|"
    r"potential(?:ly)?|every time|each time|always|as if|imagine|suppose|historically|in (?:theory|principle)|typically|usually|tends? to|generally|in (?:this|that|such) scenario|can (?:\w+ )?(?:quickly|suddenly|become|amplify|be))\b|"
    r"often\b|→|->|可能|或将|如果|若|一旦|预计|将会|通常|往往|容易|每当|每次|历次|有望|倾向于|历史上",
    re.IGNORECASE,
)
GENERAL_HEADING: Final = re.compile(
    r"scenario|outlook|what (?:could|happens|to|should|next)|next\b|checklist|playbook|how to|faq|risk management|framework|"
    r"step-by-step|takeaway|lessons|parallel|turning insight|related reading|what to watch|accelerator|simple model|why .{0,40}move together|"
    r"展望|情景|接下来|如何|策略|建议|常见问题",
    re.IGNORECASE,
)
PAST: Final = re.compile(
    r"\b(?:(?!(?:realised|realized|leveraged|fixed|based|related|linked|increased|forced|indeed|need|speed|feed)\b)\w+ed|fell|rose|sank|sold|lost|drew|drove|saw|slid|hit|held|shed|has|have|had|was|were|been)\b", re.IGNORECASE
)
SINGLE: Final = re.compile(
    r"single[- ]source|not (?:yet )?(?:been )?corroborated|unconfirmed|unverified|一个消息源|单一(?:来源|信源)|未经证实",
    re.IGNORECASE,
)
INTRADAY: Final = re.compile(
    r"intraday|briefly|at one point|maximum|up to|as much as|single-day|within \d+ hours|盘中|一度|最大|最高|日内|插针", re.IGNORECASE
)
