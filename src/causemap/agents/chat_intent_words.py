"""The phrases that tell what a question asks for, in English and Chinese."""

from __future__ import annotations

import re
from typing import Final

from causemap.agents.turns import Intent

# In order: the first pattern that is found decides, so the narrow ones stand before the wide ones.
_PHRASES: Final[tuple[tuple[Intent, str], ...]] = (
    (
        "advice",
        (
            r"\b(?:should|shall|can|must|ought) (?:i|we)\b.*\b(?:buy|sell|short"
            r"|hold|trade|invest|hedge)|\b(?:buy|sell) (?:now|the dip)|price target"
            r"|what to (?:buy|sell)|\b(?:time|entry) to (?:buy|sell)|worth (?:buying|holding)"
            r"|\bbuy or sell\b|what (?:should|would) (?:i|we|you) do\b|\brecommend\w*"
            r"|\b(?:would|do|could) you (?:\w+ )?(?:buy|sell|short|hold|trade|invest|hedge"
            r"|go long)\b"
            r"|\b(?:is|are|looks?|seems?)\b.*\b(?:cheap|expensive|(?:over|under)(?:valued|priced|sold"
            r"|bought)|fair value)\b"
            r"|该不该|(?:交易|投资|操作)建议|抄底|便宜|太贵|超卖|超买|低估|高估"
            r"|(?:应该|可以|要不要|能不能|现在|该).{0,4}(?:买|卖|加仓|减仓|做空|抛)|目标价"
        ),
    ),
    (
        "help",
        (
            r"^\s*(?:hi|hello|hey|thanks?|thank you|cheers|ok(?:ay)?|help|你好|谢谢)"
            r"\s*[.!?。！]*\s*$"
            r"|\b(?:who|what) are you\s*\??$|^\s*are you (?:an?|real)\b"
            r"|\bwhat can (?:you|i) (?:do|ask)\s*\??$|你是谁|你能做什么"
        ),
    ),
    (
        "headline",
        (
            r"\b(?:write|give|draft|make|suggest|need|want|got|have|get|translate)\b.*"
            r"\b(?:headlines?|titles?|subject(?: lines?)?|tweets?|captions?)\b"
            r"|\bas an? (?:headline|tweet|title)\b|\b(?:one|single|1) sentence\b|\bone-?liner\b"
            r"|^\W*(?:(?:a|the|another) )?(?:headlines?|titles?|subject lines?|tweets?)\b.{0,20}$"
            r"|标题|推文|推特|一句话"
        ),
    ),
    (
        "how_sure",
        (
            r"\d\s?(?:%|percent\b|per cent\b)\W+(?:not |a bit |far |really |much |any )*(?:too"
            r"|high|low"
            r"|right|fair|good|bad|enough|realistic|credible|plausible|reasonable|calibrated|sure"
            r"|certain|confiden\w+|justified|honest|overconfident|reliable|trustworthy|solid|a "
            r"lot|much)\b"
            r"|^\W*(?:(?:so|and|but|then|what about|how about) )*\d{1,3}\s?(?:%|percent)\W*$"
            r"|\bcalibrat\w+|\btrack record\b|\bhow (?:accurate|trustworthy)\b|\baccuracy\b"
            r"|\bhow often (?:is|are|was|were|do|does)\b.*\b(?:right|wrong|correct)\b"
            r"|\b(?:can|should|do) (?:i|we|you) (?:really )?(?:trust|believe|rely on)\b"
            r"|\bhow much (?:can|should) (?:i|we) (?:trust|believe|rely)\b|\berror bars?\b"
            r"|\bover-?confiden\w+|\bwhy (?:don.?t|can.?t|won.?t|aren.?t|not) (?:you|it)\b"
            r"|\brank\w* (?:(?:the|all|every|possible|your|of|them) )*(?:causes|reasons"
            r"|explanations)\b|\brunner.?up\b"
            r"|\b(?:can.?t|cannot) (?:tell|decide)\b|^\W*(?:so )?you (?:don.?t|do not) know\b"
            r"|\b(?:is|are) (?:it|this|that|these|those|the|your)\b.*\b(?:reliable|trustworthy"
            r"|accurate|credible)\b"
            r"|\benough (?:data|evidence|history|days|observations)\b"
            r"|\bjust (?:the|a|one) (?:number|figure|probability)\b"
            r"|\b(?:can|could|might|may) (?:you|this|it|that) be wrong\b"
            r"|\bwhy (?:is there |was there |there.s )?no (?:\w+ )?(?:verdict|cause|answer|name"
            r"|call)\b|\d\s?% .*\bmean\w*\b"
            r"|\bsecond (?:most likely|likeliest|place|best)\b|\bbest guess\b"
            r"|\bwhich (?:two|ones?|causes?)\b.*\bclose(?:st|\b)|\b(?:two|several|both|more "
            r"than one)"
            r" (?:things|causes|reasons|shocks)\b|^\W*(?:so )?what is it(?: then)?\W*$"
            r"|\d%.{0,6}(?:太高|太低|可信|靠谱|合理|准)|校准|(?:有多|多么?)(?:准|可信|靠谱)"
            r"|准确率|准不准|靠谱吗|可信吗|可靠|排名|排序"
        ),
    ),
    (
        "watch",
        (
            r"\bwhat(?: happens| comes| is|.s) next\b"
            r"|\b(?:to|i|we|should|readers|people|investors|eyes?) (?:to )?(?:watch|monitor"
            r"|look out for|keep an eye on)\b|\bkeep an eye on\b|\bwatch(?:ing)? for\b"
            r"|^\W*(?:so |and |but )*(?:is|are) .*\bgoing to\b|\bre-?test\b"
            r"|\b(?:odds|chances?|probability|risk) of (?:an?|another|further|more|it) "
            r"(?:\w+ )?(?:rebound|recover\w*|bounce|rally|fall\w*|drop\w*|crash\w*|leg|low"
            r"|decline|correction|bear)\b"
            r"|^\W*wen\b|\bwatch ?list\b|\bforecast\w*|\bpredict\w*|\boutlook\b|\bscenarios?\b"
            r"|\bbottom (?:is )?in\b|\bhappen again\b|\b(?:bull|bear)(?:ish)? case\b|\bnext "
            r"(?:week|month|few days|days)\b"
            r"|\b(?:next|upcoming|coming) (?:fomc|fed|cpi|payrolls?|jobs|meeting|release|event"
            r"|data)\b"
            r"|\bwhen (?:is|are|does|do|will)\b(?!.*\bupdate).*\b(?:next|fomc|cpi|payrolls?|due"
            r"|released?|end)\b"
            r"|\b(?:where|when|how far|how long) will\b|^\s*will\b|\bis it over\b"
            r"|\b(?:is|was|has) (?:this|it|that) (?:the bottom|bottomed)\b"
            r"|\bwould (?:tell|show|signal|confirm)\b.*"
            r"\b(?:over|end\w*|bottom|recover\w*|turn\w*)\b"
            r"|接下来|后市|后续|后面|往后|会不会(?:再|继续)|还会|预测|预判|展望|下周|下个?月|明天|情景|见底"
            r"|结束了?吗|(?:关注|留意|盯|看)(?:什么|哪些)"
        ),
    ),
    (
        "against",
        (
            r"证据.*不支持|不支持.*证据|哪些.*不支持"
            r"|\b(?:argue|argues|speaks?|points?|evidence|goes|case) against\b"
            r"|\b(?:at odds|inconsistent) with\b|\b(?:doesn.?t|does not|don.?t|didn.?t) fit\b"
            r"|\bcounter-?(?:evidence|argument)\w*|\bdevil.?s advocate\b"
            r"|\bweak(?:est|ness\w*)\b.*\b(?:point|link|argument|case)\b"
            r"|\bother side\b|^\W*(?:i think |no,? )?(?:you(?:.re| are)|that.s|this is) wrong\W*$"
            r"|\bs[ck]eptic\w*|\bi (?:don.?t (?:believe|agree|buy)|do not (?:believe|agree|buy)"
            r"|disagree|doubt)\b|\b(?:not|un)[ -]?convinced\b|\bwho disagrees\b"
            r"|\bcontradict\w* "
            r"(?:you|this|it)\b"
            r"|反(?:面|对)的?(?:证据|理由|意见)|反驳|不利(?:证据|因素)|最弱"
        ),
    ),
    (
        "would_change",
        (
            r"chang\w* (?:your|my|our|this|the|its) (?:mind|verdict|answer|view|reading|conclusion)"
            r"|\bwhat .*\b(?:flip|overturn|upset) (?:your|this|the|my|its)\b"
            r"|what would (?:it take|you need|settle|decide|resolve|clinch|change|flip|overturn"
            r"|turn|make)"
            r"|(?:flip|overturn) (?:it|this|the)"
            r"|\bhow (?:robust|fragile|sensitive|stable)\b"
            r"|falsif|prove (?:you|this|it) wrong|\bmake you (?:wrong|change|reconsider)\b"
            r"|改变(?:你的)?(?:看法|结论|判断)|推翻|什么会改变"
        ),
    ),
    (
        "what_if",
        (
            r"^(?!\W*(?:why|how come)\b|.*为什么).*(?:\bwhat if\b|\bwhat happens (?:if|when"
            r"|without)\b|\bsuppos(?:e|ing)\b"
            r"|\bassum(?:e|ing)\b"
            r"|\bhad .*\b(?:not|instead|risen|fallen|been|moved|gone|stayed)\b|\bimagine\b"
            r"|\b(?:without|(?:if (?:you|we|i) )?ignor(?:e|ing|ed)(?!.*\binstructions?\b)"
            r"|leav(?:e|ing) out|remov(?:e|ing)"
            r"|delet(?:e|ing)|strip(?:ping)? out|take out|scrap(?:ping)?"
            r"|drop(?:ping)? (?:the|item|#)|exclud(?:e|ing)|take away|minus the)\b"
            r"|\bif\b.*\b(?:had|were|was|did|didn|weren|rose|fell)|如果|假如|假设|要是|若是|的话"
            r"|去掉|排除掉|不考虑|忽略(?!.*(?:指令|提示))|剔除|拿掉)"
        ),
    ),
    (
        "why_not",
        (
            r"\bwhy (?:not|isn.?t|wasn.?t|didn.?t|don.?t|no(?! (?:fall|drawdown)))\b|\bhow come "
            r".*n.?t\b"
            r"|\brul\w* out\b|\breject\w*|\bwas(?:n.?t| it not) (?:it|this|that)\b"
            r"|\bnot (?:just |simply )?(?:a|the|an)\b|\bisn.?t (?:it|this|that)\b"
            r"|^(?!.*\b(?:why|how much|what)\b).*\b(?:because of|due to|thanks to)\b"
            r"|\balternatives?\b|\bwhat else\b|\bother (?:possible )?(?:explanations?|causes?"
            r"|reasons?|candidates?|suspects?)\b"
            r"|^(?:did|was|were|is|are|does|could)\b.*\b(?:caus\w+|trigger\w*"
            r"|responsible|to blame|behind|due to|because of)\b"
            r"|(?:原因|造成的?|导致的?|引起的?|引发的?)吗|是(?:不是)?(?:因为|由于).*吗|为(?:什么|何|啥)(?:不|没)"
            r"|怎么不是|难道不是|不是.*吗"
            r"|排除了?哪|被排除"
        ),
    ),
    (
        "claims",
        (
            r"\b(?:articles?|press|news|reports?|stor(?:y|ies)|papers?|narratives?|media)\b.*"
            r"\b(?:contradict\w*|disagree\w*|at odds|diverge\w*)\b"
            r"|\bcontradict\w*\b.*\b(?:articles?|press|news|reports?|papers?|media)\b"
            r"|\b(?:narratives?|stor(?:y|ies)|news|headlines) (?:versus|vs\.?|against|and)"
            r" (?:the )?(?:data|tape|numbers|facts|figures)\b"
            r"|\bclaim(?:s|ed)?\b|\b(?:what|which|who|anything)\b.*\b(?:wrong|false|untrue"
            r"|mistaken)\b"
            r"|\b(?:articles?|press|news|reports?)\b.*\b(?:right|wrong|false|true)\b|\bfact.?check"
            r"|说法|声称|说错|报道.*(?:错|对|真|假)|哪些.*(?:错|不对|不实)"
        ),
    ),
    (
        "missing",
        (
            r"\bnot in (?:the|your|this|our) (?:data|run|evidence)\b"
            r"|\b(?:like|wish) (?:you |to |we |i )*(?:have|had)\b|\bmissing\b|\bgaps?\b"
            r"|\bblind spots?\b|\bholes?\b"
            r"|\b(?:you|it) (?:not|never) (?:look|check|includ|measur|cover|consider)\w*"
            r"|\b(?:didn.?t|did not|haven.?t|couldn.?t) (?:you )?(?:look|check|includ|measur"
            r"|cover|consider|get)\w*"
            r"|\bnot (?:covered|known|measured|available)\b"
            r"|\b(?:don.?t|do not|can.?t|couldn.?t|unable to) (?:you )?(?:know"
            r"|see|measure|have)\b|\black(?:s|ing)?\b|\bincomplete\b|缺(?:少|什么|失|了|哪)?"
            r"|漏|不知道什么|没有(?:什么|哪些)数据|盲点"
        ),
    ),
    (
        "shares",
        (
            r"\b(?:intervals?|ranges?)\b.*\b(?:shares?|contributions?|parts?)\b"
            r"|\bnot explained\b|\b(?:what|which|how (?:big|large) an?) (?:share|part|portion"
            r"|fraction|percentage) "
            r"of\b"
            r"(?!.*\bnews\b)|\bunexplained\b(?!.*\bmeans?\b)"
            r"|\bresiduals?\b(?!.*\bmeans?\b)"
            r"|\bhow much (?:of|did|was|is)\b.*\b(?:explain\w*|due to"
            r"|because of|down to|contribut\w+|account\w*)\b|\bcontributions?\b"
            r"|\bsplit (?:up|of|the)\b"
            r"|\bdecompos\w+|\bbreak ?down of\b"
            r"|未(?:能)?解释|解释不了|解释了?多少|占(?:了)?多少|贡献|分解"
        ),
    ),
    (
        "moves",
        (
            r"\b(?:did|has|have) (?:anything|something|any of (?:it|them)) (?:really "
            r")?(?:fall\w*|drop\w*"
            r"|declin\w*)\b|\bhow (?:unusual|rare|big|large|bad|severe|deep|sharp) (?:was|is|were)"
            r" (?:this|it|the (?:falls?|moves?|drops?|sell-?off))\b"
            r"|^(?!.*\b(?:likely|caus\w+|reasons?|expla\w+|driv\w+|factors?)\b)"
            r".*\b(?:hit|hurt|hammered|punished) (?:the )?(?:hardest|worst|most)\b"
            r"|\bwhat (?:did not|didn.?t) (?:move|fall|drop)\b|抗跌"
            r"|^(?!.*\b(?:likely|caus\w+|reasons?|expla\w+|driv\w+|factors?)\b)"
            r".*\b(?:biggest|largest|worst|best|hardest|most|least)\b.*\b(?:losers?|winners?|falls?"
            r"|fell|hit|drops?|dropped|declin\w+|mov(?:e|es|ed|er|ers)|perform\w*|lost|down"
            r"|gain\w*)\b"
            r"|\b(?:what|which|who)\b.*\b(?:fell|lost|dropped|declined|moved|held up)\b.*"
            r"\b(?:most|least|best|worst|hardest|more)\b|\bhow (?:far|much) did (?:it|they"
            r"|everything|each|the assets)\b"
            r"|跌(?:得|幅)?(?:最|更)|有多(?:反常|罕见|异常)|(?:最|更)(?:大|多|惨)的?(?:跌|输)"
            r"|领跌|各.*跌了?多少"
        ),
    ),
    (
        "compare",
        (
            r"\b(?:repeat|echo|replay|re-?run|version) of\b"
            r"|\bcompar\w+|\bversus\b|\bvs\b|\bsimilar\b|\banalog\w*"
            r"|\b(?:look|looks|just|more) like\b|\b(?:is|was) (?:this|it|that) (?:\w+ )?like\b"
            r"|\b(?:worse|better|bigger|smaller|milder|deeper) than (?:in\b|\w+ (?=(?:19"
            r"|20)\d\d)|(?:19|20)\d\d|the (?:19"
            r"|20)\d\d)|\bdifferen(?:t|ces?)\b"
            r"|\b(?:seen|happened|had) (?:(?:this|it|one|something|anything|like|that|such) )*"
            r"before\b"
            r"|\bsame as (?=.*\d)|\blast time\b|\bprecedent|\b(?:which|what) .*\bclosest\b|相比"
            r"|对比|比较|类似|[和与跟].*比(?:呢|一下|怎么样|如何)?\W*$|像.*(?:一样|年)|历史上|不同"
        ),
    ),
    (
        "refresh",
        (
            r"\b(?:latest|newest|refresh|re-?run|update[ds]?|up to date|right now"
            r"|as of now|today.?s)\b|\bsince then\b|\bnow\?|\bnew (?:data|news)\b"
            r"|\b(?:your|the run.?s) as[ -]of\b"
            r"|\bhow long (?:is|was) (?:the|this) (?:window|period|run)\b"
            r"|\bhappened (?:since|after\w*)\b|^\W*(?:and )?as[ -]of (?:when|what)\b"
            r"|\b(?:what|which) (?:dates?|period|window|days|time ?span|range)\b.*\b(?:cover\w*"
            r"|is this|this is|explain\w*|run|look\w*)\b|\bcut-?off\b|\bhow (?:old|fresh|recent)"
            r" (?:is|are)\b|刷新|最新|截止|截至|(?:覆盖|涵盖|解释).*(?:时段|日期|时间|区间)"
            r"|更新|重新(?:跑|运行|计算|拉)|现在(?:怎么样|如何|呢)"
        ),
    ),
    (
        "chart",
        (
            r"\b(?:charts?|graphs?|plots?|draw|picture|diagram|visuali[sz]e)\b"
            r"|\b(?:cause|causal) map\b"
            r"|\bshow (?:me )?the (?:map|path|timeline|correlation|waterfall|price)|图|画"
        ),
    ),
    (
        "brief",
        (
            r"\bbrief(?:ing)?\b|\bsummar\w+|\btl;?dr\b|\bin (?:short|brief|a nutshell)\b"
            r"|\brecap\b|\bparagraphs?\b|\bbullet(?:s|\b)|\b(?:short|plain|simple) version\b"
            r"|\bwhat is (?:this|it|this run) (?:all )?about\b|\blike i.?m (?:five|5|a child)\b"
            r"|\beli5\b"
            r"|\b(?:tell|say to|send) (?:my |our |the )?(?:clients?|readers|boss|board|committee"
            r"|investors|team)\b"
            r"|\b(?:numbers|figures|facts) (?:i|we|to) (?:can |could |may )?(?:quote|use|cite)\b"
            r"|\b(?:plain|simple) (?:words|english|terms)\b|\boverview\b|\bgist\b|总结|概括"
            r"|简报|简述|简单说|一句话|摘要|概述"
        ),
    ),
    (
        "sources",
        (
            r"\bsources?\b|^\W*any (?:notes|news|articles)\b|\bcit(?:e|ation)\w*|\blinks?\b$"
            r"|\bhow many (?:\w+ )?(?:notes|articles|outlets|publishers|papers|items|sources|news)"
            r"\b|\b(?:who|which (?:paper|outlet)) (?:says?|said|wrote|reported)\b|\bsays who\b"
            r"|\b(?:measured|estimated?|real|facts?)\b.*\b(?:or|and|vs|versus)\b.*\b(?:guess\w*"
            r"|measured|estimated?|inferred|assumed|modell?ed|opinions?|made up)\b"
            r"|\bwhere (?:do|did|does|is) (?:you|this|that|the|it)\b.*\b(?:from|get)\b"
            r"|\b(?:what|which|show|list) .*\b(?:evidence|notes|news|articles)\b"
            r"|\bhow do you know\b|\bproof\b"
            r"|来源|出处|依据|证据|凭什么|怎么知道|引用|新闻|谁说|从哪(?:里|儿)?来|哪家(?:媒体)?说"
        ),
    ),
    (
        "when",
        (
            r"\bwhen\b|\b(?:what|which) (?:time|hour)\b|\btimeline\b|^\s*(?:and )?(?:did|do"
            r"|does|was|were)\b.*\b(?:before|after"
            r"|ahead of|lead(?! to)|lag|first)\b|\b(?:what|who|which)\b.*\b(?:first|led|earliest)\b"
            r"|\b(?:any|which|what) (?:\w+ )?(?:meetings?|releases?|results)\b.*"
            r"\b(?:in|during|there|week|window)\b"
            r"|\b(?:list of|key|important|relevant|which|what) dates\b"
            r"|\bsequence\b|\b(?:did|does) .*\b(?:begin|start)\b"
            r"|\border of\b|\bin what order\b|什么时候|何时|几点|先(?:动|跌|发生|于)|顺序|时间线"
        ),
    ),
    (
        "how_sure",
        (
            r"\bhow (?:sure|certain|confident|likely|strong|reliable)\b|\bprob(?:abilit\w+|s?\b)"
            r"|\bconfidence\b|\bchances?\b|\bodds\b|\buncertain\w*|\bare you sure\b|把握"
            r"|确定|概率|可能性|信心|多大(?:把握|可能)|可能多大"
        ),
    ),
    (
        "why",
        (
            r"\bwhy\b|\bcaus(?:e|ed|es)\b|\breasons?\b|\bexplain\b|\bexplanation\b"
            r"|\bwhat (?:happened|drove|triggered)\b|\bbehind\b|\bhow come\b|\bdriver"
            r"|\b(?:the|your|what.?s) (?:story|deal|take)\b|\bgoing on\b|\bboth sides\b"
            r"|\bblame\b|\bamplif\w+|为什么|为何|为啥|原因|怎么(?:回事|了|跌)|解释|导致"
        ),
    ),
)
PATTERNS: Final[tuple[tuple[Intent, re.Pattern[str]], ...]] = tuple(
    (intent, re.compile(pattern, re.IGNORECASE)) for intent, pattern in _PHRASES
)
