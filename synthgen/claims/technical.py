"""Words that are technical by their form: drugs by the stem of their International Nonproprietary Name, diseases and
procedures by their Greek and Latin endings."""

from __future__ import annotations

import re
from functools import lru_cache

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
    r"|orexant|phylline|pidem|pitant|pristone|renone|toin|trigine|troban|tropium|zolamide|vir(?:ine|ir)?|vudine|rizine|thiazide|azepine|asone|nisone|tisone|oxicam|citabine|rafenib|oxifene|fentanyl|grastim|dilol|oprost|xaban|zodone|zolast|zolid|zomib|zosin)"
)
_CEF = re.compile(r"cef[a-z]{4,}")
_MEDICAL = re.compile(
    r".{2,}(?:itis|osis|oses|aemia|emia|ectomy|otomy|ostomy|oscopy|opathy|plasty|plegia|paresis|oma|omas|uria|algia|penia"
    r"|philia|rrhea|rrhoea|rrhagia|rrhage|trophy|megaly|sclerosis|stenosis|lysis|lytic|plasm|cyte|cytes|genic|toxic"
    r"|toxicity|gram|graphy|metry|therapy|statics?|pathic|aemic|emic|uretic|trophic|tropic|amide|amine|azine|idine|osine"
    r"|oxide|xaban|phobia|mania|pnea|pnoea|kinesia|tension|cardia|cardial|cardium|vascular|thorax|derma|dermal|dynia)"
)
_PREFIX = re.compile(
    r"(?:hyper|hypo|hemo|haemo|cardio|neuro|nephro|hepat|gastro|osteo|pneumo|broncho|cerebr|thromb|immun|dermat|ophthal"
    r"|psych|encephal|myo|arthr|angio|carcin|chemo|cyto|endo|epi[dgls]|lymph|onco|steroid|antibio|anti[b-z]|intra|trans[df])"
)

_NAMED = table(
    """
    abacavir acetaminophen acetazolamide acetylcysteine acetylsalicylic acyclovir adenosine albuterol allopurinol
    amantadine amiloride aminoglutethimide amphetamine amphotericin aspirin atomoxetine atropine azathioprine
    baclofen benzonatate benztropine bisacodyl bismuth buprenorphine bupropion buspirone busulfan calcitonin
    calcitriol captopril carbidopa carboplatin carisoprodol carvedilol chlorambucil chloramphenicol chlorhexidine
    chlorpheniramine chlorthalidone cholecalciferol cholestyramine clomiphene clonidine codeine colchicine
    colestipol cromolyn cyclobenzaprine cyclophosphamide cycloserine cyclosporine dalfampridine dantrolene dapsone
    deferoxamine dextroamphetamine dextromethorphan digoxin digitoxin dimenhydrinate diphenhydramine dipyridamole
    disulfiram divalproex dobutamine docusate dofetilide donepezil efavirenz ephedrine ergocalciferol ethambutol
    ethosuximide etoposide exemestane ezetimibe famciclovir febuxostat fentanyl fingolimod flecainide fluorouracil
    folinic fulvestrant furosemide gabapentin galantamine ganciclovir gemfibrozil griseofulvin guaifenesin halothane
    heparin hydralazine hydrochlorothiazide hydrocodone hydromorphone hydroxychloroquine hydroxyurea hydroxyzine
    ibuprofen interferon isoniazid isosorbide isotretinoin ivermectin ketamine ketorolac labetalol lactulose
    lamotrigine leflunomide leucovorin levetiracetam levothyroxine lindane linezolid liothyronine loperamide
    malathion meclizine megestrol meperidine mercaptopurine mesalamine mesna metaxalone methadone methimazole
    methocarbamol methylphenidate metoclopramide metolazone metronidazole metyrosine mexiletine midodrine milrinone
    minoxidil mirtazapine misoprostol modafinil morphine mycophenolate naloxone naltrexone naproxen nitroglycerin
    nitroprusside norepinephrine orlistat oxybutynin oxycodone oxymorphone pancrelipase paracetamol penicillamine
    pentamidine pentoxifylline permethrin phenazopyridine phenelzine phenobarbital phentermine phentolamine
    phenylephrine pilocarpine pimozide pramipexole praziquantel prazosin primidone probenecid procainamide
    procarbazine prochlorperazine promethazine propafenone propofol propylthiouracil protamine pseudoephedrine
    pyrantel pyrazinamide quinidine quinine raloxifene ranolazine reserpine ribavirin rifabutin rifampicin rifampin
    rifaximin rituximab ropinirole salbutamol scopolamine sertraline sevoflurane spinosad spironolactone sucralfate
    sulfadiazine sulfasalazine tacrolimus tamoxifen terbinafine terbutaline teriparatide theophylline thioguanine
    tizanidine tolcapone topiramate tramadol tranexamic tranylcypromine tretinoin triamterene trihexyphenidyl
    ursodiol valproate valproic vancomycin venlafaxine vincristine warfarin zidovudine ziprasidone
    """
)
"""Common generic names that no stem tells."""

COMMON = table(
    """
    minister register semester polyester poster cluster computer number member remember timer customer consumer
    summer former primer rumor accept concept except intercept program diagram therapy telegram psychology
    concern medicine determine examine imagine machine routine magazine famine doctrine discipline engine
    tension attention intention extension pretension retention mention basis crisis analysis aroma diploma
    emphasis endocrine exocrine apocrine cholesterol
    """
)


@lru_cache(maxsize=1 << 15)
def is_drug(word: str) -> bool:
    """Whether the lower-case word is a drug's generic name, or ends like one."""
    if len(word) < 5 or word in COMMON:
        return False
    return (
        word in _NAMED
        or _CEF.fullmatch(word) is not None
        or (len(word) > 5 and _INN.fullmatch(word.removesuffix("s")) is not None)
    )


@lru_cache(maxsize=1 << 15)
def is_technical(word: str) -> bool:
    """Whether the lower-case word has a drug's, a disease's or a procedure's form."""
    if len(word) < 6 or word in COMMON:
        return False
    return is_drug(word) or _MEDICAL.fullmatch(word) is not None or (len(word) > 7 and _PREFIX.match(word) is not None)
