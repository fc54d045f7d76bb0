"""Words of general English, which a faithful rewriting may bring along.

A hand-made table of what exposition is made of: verbs of stating, asking, comparing and ordering; names of parts of
texts, of numbers, times and measures; everyday words of patient education. It has no word for a disease, a body part
at risk, a drug or a procedure, because such a word is a claim.
"""

from __future__ import annotations

import re
from functools import lru_cache

from synthgen.claims.kinds import kinds_of
from synthgen.claims.plain import PLAIN
from synthgen.claims.technical import is_technical
from synthgen.claims.words import stem, strip

_WORDS = """
    a.m abandon ability able above abrupt absence absent absolute abstract abundant accelerate accept acceptable
    access accessory accident accompany accomplish accord accordingly account accumulate accurate accustom
    achieve acquire across act action active actually adapt add addition additional address adept adequate
    adhere adherence adjacent adjunct adjust administer admire admit adolescent adopt adult advance advantage
    adverse advice advise advocate affect affirm afford afraid after afternoon afterward age aged agenda agent
    aggregate aggressive ago agree ahead aid aim alert align alike allocate allow almost alone along alongside
    aloud alphabet already alter alternative altogether always am amend amount ample analyse analyze anchor anew
    angle announce annual answer anticipate anyone anything apart apiece apparent appeal appear apply appoint
    appreciate approach appropriate approve april apt area argue argument arise arithmetic around arrange arrive
    article artificial ascend ascertain aside ask aspect assemble assert assess assessment assign assist assume
    assure atop attach attain attempt attend attention attitude attract attribute august author authority
    automatic available avoid await award aware away awkward baby back backed background bad balance ban bar
    bare barely barrier base baseline basic basically basis bear become bed bedside before beforehand began
    begin begins begun behalf behave behavior behaviour behind belief believe belly belong benchmark bend
    beneath beneficial benefit besides best bet better beyond bid big bind birthday bit bite bladder blank blend
    block blood blunt board body bodyweight bold bone bonus book boost border borrow both bother bottom bought
    bound boundary box boy brake branch brand break breath brevity bridge brief bright bring broad broadly
    brother brought build built bullet burden business busy buy bypass calculate calendar call calm came
    candidate capable capped capture card care careful caregiver carer caretaker carry case cast catalog catch
    category caught cause caution cautious cease ceiling cell celsius center centimeter central certain chain
    chair challenge chance change chapter characteristic chart cheap check chief child children choice choose
    chose chosen chronological circle circular circumstance cite citizen claim clarify clarity class classify
    clean clear clearance clearly client clinch clinic clinical clinician clock close cloud clue cluster coach
    code coexist cognition coincide cold collaborate colleague collect collective color colour column comb
    combat combine come comfortable command commence commend comment commit committee common commonly
    communicate community companion company compare comparison compatible compel compensate compete competence
    competent complain complaint complement complete complex complicate comply component compose compound
    comprehensive comprise compromise compute conceal conceive concentrate concept concern concise conclude
    conclusion concrete concur condition conduct confer confidence confident configure confine confirm conflict
    conform confront confuse conjunction connect conscious consecutive consensus consent consequence conserve
    consider consideration consist consistent constant constitute constrain constraint construct consult
    consultation consume contact contain contemplate contend content context continual continuous contract
    contradict contradictory contrary contrast contribute control convene convenient convention conversely
    convert convey convince cooperate coordinate cope copy core corner correct correspond cost counsel count
    counteract counterpart country couple course cover create criteria criterion crucial cue culminate
    cumulative curb cure current curve custom customary cut cycle daily damage danger dangerous dark dash data
    daughter day dead deadline deal dear debate decade december decide decision declare decline decrease
    decrement dedicate deem deep deepen deeper default defer deficient define definite definition definitive
    degree delay delegate deliberate delineate deliver demand demonstrate denote deny depart department
    departure depend depict deplete deploy deposit depth derive describe description deserve designate
    designation desirable desire despite destination detail detect deter deteriorate determine develop deviate
    devise devote diagnoses diagnosis dictate die diet differ difference different differential differentiate
    difficult dimension diminish direct direction directive disable disadvantage disagree disappear discard
    discharge disclose discontinuation discontinue discourage discover discrepancy discrete discretion discuss
    discussion disease dismiss disorder disparity dispense display dispose dispute dissolve distance distinct
    distinguish distribute district disturb diverge diverse divert divide dl doctor document dominant dominate
    done door dosage dose dosing dot double doubt down downward draft draw drawn drew drift drink drive driven
    drop drove drug dry due duplicate durable duration duty dwell dynamic eager ear earlier earliest early earn
    earth ease east easy eat economic edge edit educate education effect effective efficacious efficacy
    efficient effort eight eighty either elaborate elderly elect element elevate eleven elicit eligible
    eliminate elsewhere embark embed emerge emergency eminent emphasise emphasize employ empty enable enclose
    encompass encounter encourage end endeavor endorse endure enforce engage enhance enjoy enlarge enlist enough
    enquire enrich enroll ensue ensure entail enter entire entitle entry environment envisage episode equal
    equate equip equipment equivalent equivocal era eradicate erase err error escalate escape especially essence
    essential establish estimate evaluate evaluation evening event eventual everyone everything evidence evident
    evoke evolve exacerbate exact exaggerate examine example exceed excellent except exceptional excess
    excessive exchange excite exclude execute exemplify exempt exercise exert exhaust exhibit exist expand
    expect expected expedite expense experience experiment expert expire explain explanation explicit exploit
    explore expose exposure express extend extent external extra extract extreme eye face facilitate facility
    fact factor faculty fahrenheit fail faint fair faith fall fallen false familial familiar family famous far
    fashion fast fatal fate father fault favor favorable favour favourable fear feasibility feasible feature
    february feed feedback feel fell felt female festival few fewer fewest field fifteen fifth fifty fig fight
    figure file fill filter final finally find finding fine finger finish fire firm first first- fish fit five
    fix flag flare flat flaw flew flexible flow fluctuate fluid focus follow followed following food foot
    footnote forbade forbid forbidden force forecast foremost forget forgo form formal former formula formulate
    formulation forth fortnight forty forward foundation four fourth fraction fragment frail frame framework
    free freely frequency frequent fresh friday friend front fulfil fulfill full fully function fund fundamental
    furnish furthermore future gain gap gather gauge gave gender general generate generic gentle genuine gesture
    get girl give given glance glass global go goal goes going gone good govern government grade graded gradual
    gram grant graph graphic great greet grew gross ground group grouped grouping grow grown growth guarantee
    guard guess guidance guide guideline guise habit half halt halve hamper hand handbook handle hang happen
    hard harm harmful harmless harmony harsh haste hazard head heading heal health healthy hear heard heart heat
    heavily heavy height held help helpful hence hesitate hid hidden hide hierarchy high higher highest
    highlight hinder hint hire history hit hold home honest hope hospital hot hour house household hr hrs huge
    human hundred hundredfold hurry hurt husband hypothesis idea ideal identical identify ignore illness
    illustrate image imagine immediate imminent impact impair impede implement implication imply import
    important impose impossible impractical impression improve impulse inability inaccurate inactive inadequate
    inappropriate inception inch incidence incident incline include inclusion incomplete inconclusive
    inconvenient incorporate incorrect increase increment incur indeed indefinite independent index indicate
    indication indicator indirect individual induce ineffective ineligible inevitable inexpensive infant infer
    inferential inferior influence inform information infrequent inherent inherit inhibit initial initiate
    inject injected injury innovate inpatient input inquire insert inside insist inspect inspire install
    instance instead institute institution instruct instruction instrument insufficient intact intake integral
    integrate intellectual intend intense intensify intensity intensive intent interact interaction intercept
    interest interfere intermediate intermittent internal international interpret interrelate interrupt interval
    intervene intervention interview introduce intuitive invest investigate invite invoke involve irregular
    irrelevant irrespective isolate issue item iu january jeopardize job join joint journey judge judgement
    judgment july jump juncture june justify keen keep kept key kg kidney kilo kilogram kind knew know knowledge
    known lab label laboratory lack laid lain language lapse large largely largest last lasting late later
    latest latter launch law lay lead leader leaflet leap learn learner least leave lecture led left legal
    legitimate leisure length lengthen lengthy lent less lessen lesson let letter level liable liberal library
    lie life lift light like likely likewise limit limitation line linger link liquid list listed lit liter
    literature litre little live load loan local locate location lock logic logical long longest look lookup
    loose lose loss lost lot low lower lowest magnitude mail main mainly maintain maintenance major make making
    male man manage management mandate mandatory manifest manipulate manner manual manufacture manuscript many
    march margin marginal mark marked market marketed mass master match material mathematical matter mature
    maximal maximum mcg meal mean meaning means meant meanwhile measurable measure mechanical mechanism media
    median mediate medical medication medicine medium meet member memory men mental mention meq merely merge
    merit message met meter method metric mg microgram middle midpoint migrate mild milestone military milligram
    milliliter millimeter min mind minimal minimise minimize minimum minor mins minute mirror misconception
    mislead missing mission mistake misuse mitigate mix mixture ml mmhg mmol mo mobile mobility mode model
    moderate modest modify module moment momentary monday monitor monitored month monthly moreover morning most
    mostly mother motion motivate mount mouth move multidisciplinary multiple multiply muscle mutual mystery
    naive name namely narrative narrow nation national native natural nature navigate near nearby nearly neat
    necessarily necessary necessity need negate negative negligible negotiate neighbor neither nerve nervous
    network neutral nevertheless new next night nine ninety no nobody nominal nominate none nonessential
    nonetheless noon normal notably note noteworthy nothing notice notify notion november nowhere nuance null
    number numeric numerical numerous nurse nursing nutrition obey objective oblige obscure observation observe
    obstacle obtain obvious occasion occasional occupation occupy occur october odd offer office offset often ok
    okay old older olds omission omit once one one-off ones ongoing onward open operate operation opinion
    opportunity oppose opposite optimal optimise optimize optimum option oral order ordinarily ordinary organize
    orient origin original otherwise ought ounce outbreak outcome outer outlast outlier outline outlook
    outpatient output outright outset outside outweigh overall overcome overlap overlook override overview
    overweight overwhelm owe own owner p.m pace package packet paediatric page paid pain painful painless pair
    paired panel paper paradox paragraph parallel parameter paraphrase parcel parent part partial participate
    particular party pass past patch path patient pattern pause pay peak pediatric peer penalty pending people
    per perceive percent percentage perception perfect perform performance perhaps peril period periodic
    permanent permissible permit perpetual persist persistent person personal perspective persuade pertain
    pertinent pervasive pharmaceutical pharmacologic pharmacological phase phrase phrasing physical physician
    pick picture piece pile pill pilot pinpoint place plain plan plausible play pleasant please plus pm pocket
    point policy pool poor population portal portion portray pose position positive possess possibility possible
    post postpone posture potential pound pour power powerful practical practice precaution precede preceding
    precise preclude precursor predict predictable predominant prefer preferably preference prefix pregnancy
    preliminary premature premise prepare prerequisite prescribe prescriber prescription presence present
    preserve press pressure presume prevail prevalent prevent prevention preventive preview previous price
    primarily primary principal principle print prior prioritize priority private privilege proactive
    probability probable probably problem procedural procedure proceed process procure produce product
    professional profile profit profound program progress prohibit project prolong prominent promise promote
    prompt promptly pronounced proof proper property proportion proportionate proposal propose prospect protect
    protocol prove proven provide provider provision provisional provoke proximity public publication publicize
    publish pull pulse punctual purchase purpose pursue push put puzzle q qd qid qualify qualitative quality
    quantify quantitative quantity quarter quest question questionnaire quick quickly quiet quite quota quote
    radical raise ran random rang range rank rapid rare rate rated rather rating ratio rational rationale
    rationalise reach react reaction reactivate read readily readiness ready real realize rearrange reason
    reasonable reassess reassure rebuild recall recap recapitulate recede receipt receive recent recheck recipe
    recipient reciprocal reckon recognisable recognise recognizable recognize recommence recommend
    recommendation reconcile reconsider record recover recovery recruit rectify recur redirect redo reduce
    reduction refer reference refine reflect reform refrain refresh refusal refuse regain regard regardless
    regimen region register registry regress regret regular regulate regulation rehearse reinforce reinitiate
    reintroduce reject relate relation relative relax release relevance relevant reliable reliance relief
    relieve reluctant rely remain remainder remark remedy remember remind remote removal remove render renew
    repeal repeat repeatedly repetition replace replacement replicate reply report represent reproduce request
    require requirement research resemble reserve reside residual resist resolution resolve resort resource
    respect respectful respective respectively respond response responsible rest restart restate restore
    restrict result resume retain retake retest retire retract retrieve retry return reuse reveal reverse revert
    review revise revisit revolve reward rhythm rich rid right rigid rigorous ring rise risen risk risky rival
    road robust role room rose rotate rough round route routine row rule run rush sacrifice safe safety said
    sake salient sample sat satisfactory satisfy saturday save say scale scan scarce scatter scenario scene
    sceptical schedule scheme school science scientific scope score screen screening scrutiny seal search season
    seasonal seat sec second secondary section secure see seek seem seen segment seize seldom select self send
    sense sensible sensitive sent sentence separate september sequel sequence serial series serious serve
    service session set setting settle seven seventy several severe severity sex sexual shape share sharp shed
    sheet shelf shelter shift short shorten shortest shot show shown shut sick sickness side sign signal
    significant silent similar similarly simple simplify simply simultaneous since single sister sit situation
    six sixty size sketch skill skin skip sleep slight slip slope slot slow small smallest smooth snapshot
    social society soft sold sole solely solid solution solve somebody somehow someone something sometimes
    somewhat somewhere son soon sophisticated sort sought sound source space span spare speak special specific
    specify spectrum speed spell spells spend spent spirit split spoke spoken spontaneous spot spread square
    squeeze stable staff stage stake stance stand standard start state statement statistical status stay
    steadily steady steep stem step stepwise stick still stimulate stipulate stir stock stomach stood stool stop
    store story straight straightforward strain strand strange strategy stream street strength strengthen stress
    stretch strict strike string strip strive strong struck structure stuck student study stuff style subdivide
    subgroup subject submit subsequent subsequently subset subsidiary substance substantial substitute subtle
    subtract succeed success such sudden suddenly suffer suffice sufficient suggest suit suitable sum summarise
    summarize summary sun sunday sung superior supervise supervision supplement supplementary supplies supply
    support suppose sure surface surgeon surgery surpass surplus surprise surrogate surround survey survive
    susceptible suspect sustain swallow swap sweep swift switch swore swum symptom symptomatic synonym synthesis
    system systematic tablet tabulate tackle tactic tail tailor take taken talent talk tally tangible taper
    tapered target task taught teach team technique teen teenager tell temporary tempt ten tend tenfold tension
    tentative term terminate terminology territory test text thank theme therapeutic therapy thereby thin thing
    think third thirteen thirty thorough those thought thousand thread threat threaten three threshold threw
    thrive throughout throw thrown thumb thursday tid tie tier tiered tight tighter tightly time timeline timely
    timing tiny tip tired title titrate titration today together told tolerable tolerance tolerate tone tonight
    took tool tooth top topic topical torn total touch trace track tracked trade tradition traditional traffic
    train trainee transfer transform transition translate transmit transmitted transparent transport travel
    treat treatable treatment tremendous trend trial tricky tried trigger trim trip trouble troublesome true
    truncate trust truth try tuesday turn twelve twentieth twenty twice two twofold type typical ultimate unable
    unacceptable unaffected unaided unanimous unaware uncertain unchanged unclear uncommon underestimate undergo
    undergone underlie underline undermine underpin understand understood undertake undesirable unequal
    unexpected unfamiliar unfavorable unfit unfortunate uniform unify unique unit universal university unknown
    unless unlike unlikely unmet unnecessary unpleasant unrelated unsafe unsatisfactory unselected unspecified
    unstable unsuccessful unsuitable unsupervised unsupported unsure untreated untried unusual unwanted up
    update upfront upgrade uphold upper ups upward upwards urge urged urgent usable useful user usual usually
    utilise utilize vague valid validate valuable value variability variable variant variation variety various
    vary vast vehicle venture verify version versus vessel veteran viable vicinity view vigilant vigor vigorous
    violate virtual visible visibly visit vital vivid vocal volume voluntary volunteer vulnerable wait wake walk
    wall want war warm warn warning warrant wash waste watch watchful water wave way weak weaken wealth wear
    wednesday week weekend weekly weigh weight welcome well went whatever whenever whereby wherever whichever
    whoever whole wholly whose wide widely wife willing win wind window wise wish withdraw withdrawal withheld
    withhold within withstand witness wk wks woke woken woman women won wonder word wording wore work workable
    worker working workload workout workplace workup world worn worry worse worsen worst worth worthwhile worthy
    wrap write written wrong wrote yardstick year yearly yes yesterday yet yield young younger yr yrs zero
"""

GENERAL = frozenset(stem(word) for word in _WORDS.split()) | frozenset(_WORDS.split())

SHORTEST = 4
"""Letters of each part of a compound."""

_PREFIX = re.compile(r"(?:un|non|out|fore)(?=[a-z]{4})")
_ENDING = re.compile(r"(?:i?er|i?est|less|ful|ish|like|wise|fold|ship|hood|wards?|most|some)s?\Z")

_FAMILIES = frozenset(_WORDS.split()) | PLAIN

_PLAIN = _FAMILIES | frozenset(strip(word) for word in _FAMILIES)


@lru_cache(maxsize=1 << 14)
def is_general(text: str) -> bool:
    """Whether a word is general English itself: its clinical synonyms, which have the same stem, are not."""
    low = text.lower()
    if len(low) < 3 or not low.isalpha() or any(one in _PLAIN for one in (low, strip(low), low.removeprefix("un"))):
        return True
    return not kinds_of(low) and not is_technical(low) and _derived(low)


def _derived(low: str) -> bool:
    """Whether a lower-case word is made of a plain one by an English prefix or ending, or of two plain ones."""
    rest = _PREFIX.sub("", low, count=1)
    base = _ENDING.sub("", rest)
    if (base != low and len(base) > 2 and not _PLAIN.isdisjoint((base, strip(base), base + "e", base + "y"))) or (
        rest != low and strip(rest) in _PLAIN
    ):
        return True
    return any(low[:at] in _FAMILIES and strip(low[at:]) in _PLAIN for at in range(SHORTEST, len(low) - SHORTEST + 1))
