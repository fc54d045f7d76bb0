"""Words that are technical by their form: drugs by the stem of their International Nonproprietary Name, diseases and
procedures by their Greek and Latin endings."""

from __future__ import annotations

import re

from synthgen.claims.words import table

# Stems from the World Health Organization's "The use of stems in the selection of International Nonproprietary Names
# (INN) for pharmaceutical substances" (2018), without those that end common English words.
_INN = re.compile(
    r".{2,}(?:afil|alol|amivir|anserin|apine|arabine|arone|arotene|artan|astine|asvir|atadine|azepam|azolam|azole|azoline"
    r"|azosin|bactam|bamate|barb(?:ital)?|bendazole|bersat|blastin|buvir|cain(?:e|ide)|carbef|cef|cept|cillin|cog|conazole"
    r"|cort|coxib|crine|curium|curonium|cycline|dipine|dopa|dralazine|dronate|dronic|eptil|eptin|ergotamine|erone|estrel"
    r"|ethidine|exine|fenac|fenamic|fentanil|fibrate|floxacin|flurane|formin|fungin|gatran|gestrel|gestromin|giline|gliflozin"
    r"|gliptin|glitazone|gli(?:m|n|p|b)[a-z]{0,8}ide|glutide|grel(?:or)?|gramostim|imus|iptan|isomide|ivir|kalant|kinra"
    r"|leukin|lukast|mab|meline|mer|metacin|micin|mycin|mustine|nab(?:inol|ilone)|nidazole|nixin|olol|olone|onide|orphan"
    r"|oxacin|oxetine|oxepin|pamide|pamil|parcin|parin(?:ux)?|parib|penem|perazine|peridol|peridone|platin|poetin|pramine"
    r"|prazan|prazole|pressin|pril(?:at)?|prim|profen|prost(?:ol)?|pyramide|quine|racetam|relin|relix|ridone|rifa|rinone"
    r"|rozole|rubicin|sartan|semide|setron|sidone|spirone|statin|ster(?:one|ide)|stigmine|sulfa|sulfan|taxel|tecan|tegravir"
    r"|tepa|teplase|terol|tiapine|tiazem|tiazide|tidine|tinib|tocin|trexed|trexate|tricin|triptan|triptyline|vaptan|vastatin"
    r"|verine|begron|ciclib|entan|fenacin|fiban|gabalin|gepant|lisib|lutamide|mantadine|mantine|melteon|nicline|onidine"
    r"|orexant|phylline|pidem|pitant|pristone|renone|toin|trigine|troban|tropium|zolamide|vir(?:ine|ir)?|vudine|xaban|zodone|zolast|zolid|zomib|zosin)"
)
_MEDICAL = re.compile(
    r".{2,}(?:itis|osis|oses|aemia|emia|ectomy|otomy|ostomy|oscopy|opathy|plasty|plegia|paresis|oma|omas|uria|algia|penia"
    r"|philia|rrhea|rrhoea|rrhagia|rrhage|trophy|megaly|sclerosis|stenosis|lysis|lytic|plasm|cyte|cytes|genic|toxic"
    r"|toxicity|gram|graphy|metry|therapy|statics?|pathic|aemic|emic|uretic|trophic|tropic|amide|amine|azine|idine|osine"
    r"|oxide|xaban|phobia|mania|pnea|pnoea|kinesia|tension|cardia|cardial|cardium|vascular|thorax|derma|dermal|dynia)"
)
_ORGANISM = re.compile(
    r"\b[A-Z][a-z]{3,20}(?:us|a|um|is|as|ia|er|es|ella|coccus|bacter) [a-z]{4,20}(?:i|ae|is|us|um|a|es|ens|ans|ii)\b"
)
_PREFIX = re.compile(
    r"(?:hyper|hypo|hemo|haemo|cardio|neuro|nephro|hepat|gastro|osteo|pneumo|broncho|cerebr|thromb|immun|dermat|ophthal"
    r"|psych|encephal|myo|arthr|angio|carcin|chemo|cyto|endo|epi[dgls]|lymph|onco|steroid|antibio|anti[b-z]|intra|trans[df])"
)

COMMON = table(
    """
    minister register semester polyester poster cluster computer number member remember timer customer consumer
    summer former primer rumor accept concept except intercept program diagram therapy telegram psychology
    concern medicine determine examine imagine machine routine magazine famine doctrine discipline engine
    tension attention intention extension pretension retention mention basis crisis analysis aroma diploma
    emphasis
    """
)


def is_drug(word: str) -> bool:
    """Whether the lower-case word ends like a drug's generic name."""
    return len(word) >= 6 and word not in COMMON and _INN.fullmatch(word.removesuffix("s")) is not None


def is_technical(word: str) -> bool:
    """Whether the lower-case word has a drug's, a disease's or a procedure's form."""
    if len(word) < 6 or word in COMMON:
        return False
    return is_drug(word) or _MEDICAL.fullmatch(word) is not None or (len(word) > 7 and _PREFIX.match(word) is not None)
