"""Kinds of medical terms: which words name things of one kind, and which of these are the same thing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from synthgen.claims.technical import is_drug
from synthgen.claims.words import strip, table, words_of

# One kind in each paragraph, its members between bars; the words of a member are synonyms or forms of it. A member is
# never another one's class, because a class may well be named in its members' place.
_KINDS = """
    organ: liver hepatic hepatocellular hepatotoxicity | kidney renal nephron nephrotoxicity
        | heart cardiac myocardial coronary cardiovascular cardiotoxicity myocardium
        | lung pulmonary respiratory bronchial airway bronchogenic | brain cerebral intracranial
        | stomach gastric gi gastrointestinal bowel intestine intestinal colon colonic colorectal rectum abdomen
            abdominal belly
        | bladder urinary urethra urethral genitourinary gu | prostate prostatic | testis testes testicle testicular
        | ovary ovarian | uterus uterine intrauterine womb endometrial endometrium | cervix | vagina vaginal
        | breast mammary
        | thyroid | parathyroid | adrenal | pituitary | pancreas pancreatic | spleen splenic
        | gallbladder biliary bile | esophagus esophageal oesophagus oesophageal | skin cutaneous dermal dermatologic
        | eye ocular ophthalmic optic retina retinal vision visual
        | ear otic auditory hearing auricle auricular aural | nose nasal
        | throat pharynx pharyngeal tonsil | larynx laryngeal | bone osseous skeletal
        | muscle muscular musculature musculoskeletal
        | nerve neural neurologic | marrow | tongue | tooth teeth dental

    site: hip | knee | shoulder | elbow epicondylitis | wrist | ankle | foot feet | hand finger digit | neck cervical
        | back lumbar spine spinal axial | jaw mandible mandibular | arm | leg radicular | thigh | calf
        | chest thoracic | abdomen abdominal belly | pelvis pelvic | groin inguinal | head cranial | face facial

    valve: mitral | tricuspid | aortic | pulmonic

    movement: extensor extension | flexor flexion | abductor abduction | adductor adduction | pronation | supination

    side: lateral | medial
    end: proximal | distal
    front: anterior ventral | posterior dorsal

    condition: nausea queasy queasiness | vomiting emesis | diarrhea diarrhoea | constipation
        | headache migraine | dizziness vertigo lightheadedness dizzy | fatigue tiredness tired
        | insomnia sleeplessness sleeping
        | drowsiness sedation somnolence sleepiness drowsy sleepy | rash | itching pruritus itch | cough
        | fever pyrexia febrile antipyretic pyretic | dyspnea breathlessness dyspnoea | edema oedema swelling
        | bleeding hemorrhage haemorrhage
        | seizure convulsion epilepsy epileptic | syncope fainting | palpitation arrhythmia dysrhythmia fibrillation
        | tremor | anxiety | depression depressive mdd | confusion delirium | tinnitus | flushing
        | sweating diaphoresis
        | hives urticaria | jaundice | numbness paresthesia tingling | stiffness | wheezing bronchospasm | hoarseness
        | dysphagia | dyspepsia heartburn indigestion reflux gerd | bloating flatulence gas | anorexia | incontinence
        | alopecia | photosensitivity | asthma | copd emphysema obstructive | pneumonia | tuberculosis tb
        | influenza flu
        | diabetes diabetic | hypertension hypertensive | hypotension hypotensive | stroke | gout
        | arthritis osteoarthritis oa | glaucoma | cataract | parkinson | alzheimer dementia | schizophrenia | bipolar
        | ptsd posttraumatic | adhd | autism | anemia anaemia | leukemia leukaemia | lymphoma | melanoma | sarcoma
        | cirrhosis | hepatitis | crohn | celiac coeliac | ulcer | eczema dermatitis | acne | lupus | sepsis
        | thrombosis thrombus clot clotting dvt | embolism embolus | aneurysm | angina | infarction | eclampsia
        | preeclampsia | obesity obese overweight | dehydration dehydrated | malnutrition | anaphylaxis | coma
        | shock | paralysis paralyzed | fracture | sprain | dislocation | burn | hernia | hemorrhoid
        | appendicitis | concussion | suicidality suicide suicidal | psychosis psychotic | mania manic | addiction
        | cancer carcinoma malignancy | ischemia ischemic | bradycardia | tachycardia

    mineral: potassium | sodium | calcium | magnesium | phosphate phosphorus | chloride | iron | zinc | lithium
        | fluoride | iodine iodide | copper | selenium | aluminum aluminium

    nutrient: folate folic folacin | riboflavin | thiamine | niacin | cobalamin | ascorbic | retinol | tocopherol
        | biotin
        | pyridoxine | protein | fat | carbohydrate | fiber fibre

    anion: carbonate | citrate | lactate | gluconate | acetate | bicarbonate | sulfate sulphate | succinate | tartrate

    test: hemoglobin haemoglobin | hematocrit | creatinine | bilirubin | albumin | hba1c a1c | cholesterol
        | triglyceride | platelet | leukocyte wbc | neutrophil | lymphocyte | inr | tsh | psa | crp | esr | bnp
        | troponin | ferritin | amylase | lipase | bun urea | uric

    study: mri | ct tomography | radiograph radiography ray | ultrasound sonography ultrasonography sonogram | pet
        | echocardiogram echocardiography | ecg ekg electrocardiogram electrocardiography | eeg electroencephalography
        | emg electromyography | mammogram mammography | colonoscopy | biopsy | spirometry | angiography angiogram
        | scintigraphy | densitometry dxa | myelogram myelography | polysomnography | urinalysis | audiometry
        | vestibular

    infection: hiv | hbv | hcv | cmv cytomegalovirus | ebv | hsv herpes simplex | varicella zoster chickenpox shingles
        | hpv papillomavirus | rsv | influenza flu | measles | mumps | rubella | polio poliomyelitis | rabies
        | tetanus
        | diphtheria | pertussis | pneumococcal pneumococcus | meningococcal meningococcus
        | staphylococcus staphylococcal staphylococci | streptococcus streptococcal streptococci
        | escherichia | klebsiella | pseudomonas | proteus | enterococcus enterococci | enterobacter
        | candida candidiasis
        | aspergillus aspergillosis | malaria plasmodium | tuberculosis tb | syphilis | gonorrhea gonorrhoea
        | chlamydia chlamydial | trichomonas trichomoniasis | giardia giardiasis | amebiasis amoebiasis amebic
        | toxoplasma toxoplasmosis | lyme | cholera | typhoid salmonella | clostridium clostridioides | listeria
        | legionella | mycoplasma | covid | ebola | dengue | zika | scabies | lice pediculosis louse | haemophilus

    microbe: bacterium bacteria bacterial | virus viral | fungus fungi fungal | parasite parasitic
        | protozoa protozoal
        | helminth worm

    class: nsaid nsaids nonsteroidal nonsteroid | opioid opiate narcotic | benzodiazepine | barbiturate
        | ssri ssris | snri snris
        | tricyclic tca tcas | maoi maois | acei aceis ace | arb arbs | ppi ppis | statin
        | corticosteroid steroid glucocorticoid | insulin | sulfonylurea | biguanide | bisphosphonate
        | progestin progestogen levonorgestrel progesterone | estrogen oestrogen | androgen | macrolide | tetracycline
        | penicillin | cephalosporin | fluoroquinolone quinolone | aminoglycoside | sulfonamide | nitrate
        | thiazide | loop
        | triptan | anticholinergic | antihistamine | hyaluronate hyaluronic | botulinum

    purpose: antibiotic antibacterial | antifungal | antiviral | anticoagulant | antiplatelet | antidepressant
        | antipsychotic | anticonvulsant antiepileptic | antihypertensive | antiemetic | antacid | antidiarrheal
        | antiarrhythmic | diuretic | laxative | stimulant | sedative hypnotic tranquilizer | vasodilator
        | vasopressor
        | bronchodilator | decongestant | expectorant | antitussive | antineoplastic chemotherapy
        | anesthetic anaesthetic
        | analgesic | antiparasitic | contraceptive | anticholinergic | antihistamine

    therapy: chemotherapy | radiotherapy radiation irradiation | surgery surgical operation | immunotherapy | dialysis
        | psychotherapy cbt | acupuncture | massage | biofeedback | hypnosis | meditation mindfulness | yoga

    route: oral orally mouth tablet po | intravenous intravenously iv infusion | intramuscular intramuscularly im
        | subcutaneous subcutaneously sc sq | topical topically | rectal rectally rectum | inhaled inhalation inhaler
        | intranasal | sublingual sublingually | buccal | transdermal patch | epidural | intrathecal | intraarticular

    specialist: dietitian nutritionist | psychiatrist | pharmacist | physiotherapist | surgeon surgical | dentist
        | midwife
        | pediatrician paediatrician | obstetrician | podiatrist | optometrist

    kin: mother maternal | father paternal | sibling brother sister | spouse wife husband
    parentage: biological birth | adoptive adopted | foster

    messenger: dopamine dopaminergic | serotonin serotonergic | norepinephrine noradrenaline noradrenergic
        | epinephrine adrenaline | acetylcholine cholinergic | histamine | gaba | glutamate | insulin | glucagon
        | cortisol | aldosterone | estrogen oestrogen | progesterone | testosterone | thyroxine | prolactin | oxytocin
        | vasopressin | renin | angiotensin | prostaglandin | leukotriene

    greek: alpha | beta | gamma
    vessel: artery arterial | vein venous | capillary
    load: preload | afterload
    state: fasting | casual random | postprandial
    fibre: sensory | motor
    autonomic: sympathetic | parasympathetic
    action: agonist | antagonist blocker
    substance: opioid opiate | alcohol ethanol drinking | tobacco smoking nicotine cigarette smoke smoker
        | cannabis marijuana | cocaine
        | amphetamine | caffeine coffee | heroin
    food: milk dairy | grapefruit | meat | fish | egg | nut peanut | soy soybean | wheat gluten | rice | cheese
    receptor: muscarinic | nicotinic
    form: tablet pill caplet | capsule softgel | patch transdermal | gum | lozenge | spray | solution | suspension
        | cream | ointment | gel | lotion | powder | suppository | syrup | foam | drops | granules | enema | inhaler
    release: immediate | extended sustained | delayed
    cell: erythrocyte rbc | leukocyte wbc | platelet thrombocyte | neutrophil | lymphocyte | eosinophil | monocyte
        | macrophage | osteoclast | osteoblast
    sample: urine | blood serum plasma | saliva | stool feces faeces fecal faecal | sputum | csf | hair | breath
    sense: visual | auditory | vestibular | proprioceptive proprioception | tactile | olfactory
    hand: left | right
    chamber: ventricle ventricular | atrium atrial
    laxation: bulk | osmotic | stimulant | lubricant | softener
    nerve: optic | trigeminal | facial | vagus vagal | sciatic | median | ulnar | radial | peroneal | femoral
    course: acute | chronic | subacute
    rank: primary | secondary | tertiary
    pose: supine | prone | sitting seated | standing
    anaesthesia: local | regional | spinal | epidural
    beat: systolic | diastolic
    gas: oxygen | dioxide | nitrogen | nitrous | helium
    lipid: ldl | hdl | triglyceride
    pulse: pulsed pulsatile | continuous | intermittent
    view: biomedical | biopsychosocial
    strain: live | inactivated | attenuated | conjugate
    daypart: morning | afternoon | evening night bedtime | noon midday
"""

_LETTERED = re.compile(r"\b(vitamin|hepatitis|influenza|haemophilus|botulinum toxin) ([a-ek](?:\d{1,2})?)(?!\w|/)")
"""Things that a letter tells apart."""
_BEFORE_LETTER = frozenset(("vitamin", "hepatitis", "influenza", "haemophilus", "botulinum"))
_ACTING = re.compile(r"\b([a-z]{2,20})(?:[ -]receptor)?[ -](inhibitor|antagonist|blocker|agonist)s?\b")
"""Classes of drugs by what they act on."""
_ACTORS = table("inhibitor inhibitors antagonist antagonists blocker blockers agonist agonists")
_CONDITION = re.compile(
    r".{3,}(?:itis|osis|a?emia|opathy|oma|uria|algia|penia|rrh[oe]?ea|rrhage|megaly|plegia|pn(?:o)?ea|phobia|mania)"
)
_PROCEDURE = re.compile(r".{3,}(?:ectomy|[^t]otomy|ostomy|oscopy|plasty)")
_SPECIALIST = re.compile(r".{3,}ologist")
_OPPOSED = re.compile(r"(hyper|hypo|pre|post|intra|extra|inter|micro|macro|brady|tachy)-?([a-z]{5,})")


class Member(NamedTuple):
    """A thing, and the kind that it is of."""

    kind: str
    group: str


def _table() -> Mapping[str, tuple[Member, ...]]:
    found: dict[str, tuple[Member, ...]] = {}
    for line in re.sub(r"\n {8,}", " ", _KINDS).strip().splitlines():
        kind, _, rest = line.strip().partition(": ")
        for group in rest.split("|"):
            words = group.split()
            for word in words:
                member = Member(kind, words[0])
                found[word] = (*found.get(word, ()), member)
    return found


_MEMBERS = _table()


@lru_cache(maxsize=1 << 16)
def kinds_of(low: str) -> tuple[Member, ...]:
    """What a lower-case word names, in each kind that it belongs to."""
    found = (
        _MEMBERS.get(low)
        or _MEMBERS.get(low.removesuffix("s"))
        or _MEMBERS.get(low.removesuffix("es"))
        or (_MEMBERS.get(low[:-3] + "y", ()) if low.endswith("ies") else ())
    )
    if len(low) < 6:
        return found
    single = low.removesuffix("s") if not low.endswith("is") else low
    for kind, pattern in (("condition", _CONDITION), ("procedure", _PROCEDURE), ("specialist", _SPECIALIST)):
        if pattern.fullmatch(single) and not any(one.kind == kind for one in found):
            found = (*found, Member(kind, strip(single.replace("ae", "e"))))
    if is_drug(low):
        found = (*found, Member("drug", strip(low)))
    if opposed := _OPPOSED.fullmatch(low):
        found = (*found, Member(f"of {strip(opposed[2])}", opposed[1]))
    return found


@lru_cache(maxsize=1 << 14)
def members(low: str) -> frozenset[Member]:
    """The things of all kinds that a lower-case text names."""
    words = words_of(low)
    found = set(chain.from_iterable(map(kinds_of, words)))
    if not _BEFORE_LETTER.isdisjoint(words):
        found.update([Member(match[1], match[2]) for match in _LETTERED.finditer(low)])
    if not _ACTORS.isdisjoint(words):
        found.update([Member("acting", f"{match[1]} {match[2]}") for match in _ACTING.finditer(low)])
    return frozenset(found)


def of(kind: str, low: str) -> frozenset[str]:
    """The members of one kind that a lower-case text names."""
    return by_kind(low).get(kind, frozenset())


@lru_cache(maxsize=1 << 14)
def by_kind(low: str) -> Mapping[str, frozenset[str]]:
    """The members of all kinds that a lower-case text names, by kind."""
    found: dict[str, set[str]] = {}
    for kind, group in members(low):
        found.setdefault(kind, set()).add(group)
    return {kind: frozenset(groups) for kind, groups in found.items()}
