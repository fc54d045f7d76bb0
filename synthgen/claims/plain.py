"""Plain English words beyond those of exposition, one of each family, which name nothing medical.

They are known for general where a word is strange to an extract; sentences are found by them as by any other word.
"""

from __future__ import annotations

from synthgen.claims.words import table

PLAIN = table(
    """
    abide abnormal abound abroad absorb accent accentuate accessibility acclaim accommodate accountability accountant
    accredit accrue accuracy accuse ache acid acknowledge acquaint acquisition acute adhesive adjective adjoin
    adjunctively administrator admission adolescence adore adrift adulthood advent adverb advertise aerobic affair
    affiliation afield afloat afoot aforementioned aforesaid aftercare aftermath agency aggravate agile agitate agony
    air airborne airplane aisle alarm albeit album algorithm allege alleviate alley alliance allot ally altitude amaze
    ambiguous ambition ambulance ameliorate amenable amicable amid amidst amongst amplify amuse analogy ancient
    anecdote anger animal anniversary annoy anomaly antagonize antecedent anticipatory anxious anybody anyhow anymore
    anytime anyway anywhere apologize apparatus appetite applaud apple appliance applicability apportion apprehend
    apprehensive apprentice arbitrary arch arena arid arisen army aroma arose arouse array arrest arrow art articulate
    ascribe ashamed ashore asleep aspire assault assistant associate assorted assumption astonish astray ate athlete
    atmosphere atom attack attenuate attire attorney attrition auction audible audience augment aunt auspices authentic
    autonomy autumn availability avenue average averse avert avid awake awaken awoke awoken axis backbone backdrop
    backlog backup backward badge bag bailout bake ball ballot band bandage bandwidth bang bank barefoot bargain bark
    basket bat batch bath bathroom beach beam beard beat beaten beauty became bedroom befallen befell beg begotten
    behold belt bench benign bent beset beverage beware bias bicycle bike bilaterally bill bimonthly bin bird birth
    birthing biscuit bitten biweekly bizarre black blackish blackout blame blanket blast blew blink blockade
    bloodstream bloom blow blown blowup blue bluish blur blush boast boat bodily boil bolster bolt bond bony boot booth
    borderline boredom born borne bothersome bottle bottleneck bounce bowl boyfriend brace bracket brave breach bread
    breadth breakage breakdown breakfast breakthrough breakup breastfed breastfeed bred breed breeze bribe brick
    brighten brilliant brim brisk brittle broadcast broaden broke broken bronze broom brown brownish bruise brush
    bubble bucket buckle bud budget buffer bug buildup bulge bulk bump bunch bundle buoy burdensome bureau burnout
    burnt burst bury bus bush buyback bystander cab cabin cabinet cable cafe cage cake calorie camera camp campaign
    campus canal cancel candle canopy canvas capacity capital captain carbon cargo carpet carriage cart carton carve
    cash cashier castle cater cattle cave cellphone cement census ceremony certainty certificate cessation chalk
    chamber champion channel chaos chapel character charcoal charge charity charm chase chat cheat checklist checkout
    checkup cheer chemical chemistry cherish chew childbearing childbirth childhood chill chip chop chore chunk church
    cinema circuit circulate circumscribe citation city civic civil clamp clap clash clasp claw clay cleanup clever
    click climate climb cling clip cloak clog closeup cloth club clumsy clung clutch coarse coast coat coauthor coax
    cohabit coherence coherent coil coin coincident collaborative collapse collar college collision colloquial
    combustion comeback comic comma commentary commerce commercial commodity commonest commonplace commotion commute
    comorbid compact compartment compassion compensatory competitive compile complementary compliance compliant
    composite compress compulsory comrade concave concede concert concession concomitant concurrent condense cone
    confess confidential confirmatory confound congregate conjecture considerably consolidate consonant conspicuous
    constancy construe consultant consumption contempt contest contextual contingency contingent contour contraindicate
    controversy conundrum convenience convergent conversation convex cook cookout cool cooperative copay copious
    copyright cord cork corporate correlate corridor corroborate corrode cosmetics cotton couch council countdown
    counterbalance counterintuitive counterproductive countless courage court courtesy cousin coverage cow coworker
    cozy crack crackdown cradle craft cram cramp crash crate crave crawl crazy cream credential credible credit creep
    crept crew crime crisis crisp criticism crop crosses crouching crowd crown crude cruel cruise crumble crush crust
    crutch cry crystal cube cuff cult cumbersome cup cupboard cupful curable curious curl curriculum curtail curtain
    cushion cutoff cylinder dam damp dampen dance dare darken database dataset dating dawn daycare daylight daylong
    daytime dealt death debris debt deceive decent deck decompose decor deduce deduct deed deer defeat defect defend
    defense defiance deficit deform defy degrade delete deleterious delicate delicious delight deluge democracy
    demographic demolish denominator density dependent deplore depress deprive deputy derail descend descent desert
    desk desperate dessert destroy destruction detach detain detergent determinant detour detract detrimental devastate
    device devoid diagnostic diagonal dial dialogue diameter diary dictionary diffuse dig digest dignity dilate dilemma
    diligent dilute dim diminution dine dip diplomat dirt disability disallow disappoint disaster disc discern
    discipline discomfort disconnect discount discourse discreet discretionary discriminate disguise disgust dish
    dishonest disintegrate disk dislike dismay disobey disorganized disoriented dispatch dispel disperse displace
    displease disproportionate disregard disrupt dissatisfy dissemble disseminate dissimilar dissolution dissuade
    distant distaste distend distort distract distraught distress distrust ditch dive divergent diversify divine
    division divorce dock doctrine doll dolphin domain domestic donate doom doorway dormant doubtful dough downgrade
    download downside downstairs downstream doze dozen drag drain drama dramatic drank drastic drawback drawdown dread
    dream dreamt dress drip dropout drought drown drum drunk dual duck duct dug dull dumb dump durability dusk dust
    dutiful dwindle dye dying eagle earthquake easel easier eastern easygoing eaten echo eclipse ecology ecosystem
    edible editorial eerie efficiency effortless ego eighteen eighteenth eightfold eighth eightieth elapse elastic
    electric electron elegant elementary eleventh eligibility elongate eloquent elucidate email embarrass embassy
    embody embrace emergent emigrate emission emit emotion empathy emphatic empire employability employee empower
    emptiness emulate enact encase encode endanger endless endow endpoint enemy energetic energy engine engineer
    engrave enigma enlighten enormous enterprise entertain enthusiasm enthusiastic entity entrap entrust enumerate
    envelope envious envision envy equilibrium equitable equivalence erode errand erratic erroneous erupt eschew
    espouse essay estate esteem eternal ethic ethnic evacuate evade evaporate eve everlasting everybody everyday
    everywhere evolution exam excavate exceedingly excerpt exclusive exclusively excursion excuse exhale exit exodus
    exotic expansion expedition expel expenditure explanatory explode exploratory explosion exponent exponential export
    exquisite extensive extinct extinguish extraneous extraordinary extrapolate extrinsic eyesight eyewitness fabric
    facet fade faithful fake fallacy fallback fallout fame fan fancy fantastic farewell farm fascinate fasten feast
    feather fed federal fee feeble feminine fence fertile fiction fierce fifteenth fiftieth filament filth finance
    financial finite firearm firefighter firsthand fist fitness fivefold fixation flame flash flashback flask flatten
    flavor flavour fled flee fleet flesh flexibility flick flight flip float flock flood floor flour flourish flown
    fluency fluent flung fly foam fog fold folk followup fond foolish football footstep footwear foreign foresaw
    foreseeable foreseen forest forever forgave forge forgiven forgot forgotten fork formidable forthcoming fortieth
    fortunate forum foster foul fountain fourfold fourteen fourteenth fox fragile fragrance frank fraud freedom freeze
    freight frenzy freshwater friction fridge fright frighten fringe frog frontier frost frothy froze frozen frugal
    fruitful fruitless frustrate fuel fumble fume fun funeral fur furious furnace furniture fury fuse futile fuzzy
    gadget gallery gallon gamble game gang garage garbage garden garment gaseous gasp gate gateway gauze gaze gear gem
    gene generosity genius genre gentleman geographic geology germ giant giddy gift gigantic giggle girlfriend giveaway
    glad glamour glare gleam glide glimpse glitter gloom glory gloss glove glow glue goat goodbye gorgeous gossip got
    gotten gown grab grace gracious gradient grain grammar grand grandchild granddaughter grandfather grandmother
    grandparent grandson granite grapple grasp grass grateful gratify gratitude grave gravel gray grayish grease
    greatest greedy green greenish grey grid grief grim grin grind grip groan groceries groom groove growl grudge
    grumble guardian guest guilt guitar gulf gum gun gust gut guy gym habitual haircut halfway hallmark hallway handful
    handicap handkerchief handout handrail handshake handsome handwriting haphazard happily happy harbor harden
    hardship hardware harness harvest hasten hat hatch haul haunt hay headline headquarters healthcare healthier heap
    heartbeat heaven hedge heed heighten heir helicopter hello helmet helpless hemisphere henceforth herb herd
    hereafter hereby herein hereto heretofore heritage hero herself heterogeneous hike hill himself hinge hitherto
    hobby holdup holistic hollow holy homeless homemade homeward homework homogeneous honey honor honour hood hook
    hopeful hopeless horizon horizontal horn horror horse hose host hostile hotel housebound houseplant hover hum
    humble humid humor humour hundredth hunger hungry hunt hurdle hurricane hygiene hyperlink hyphen hypothetical ice
    icon identifiable ideology idle ignorant illegal illicit illiterate illogical illuminate illusion imaginary
    imbalance imitate immature immense immerse immigrant immigrate immobile impartial impatient impending imperative
    imperfect impersonal impetus implausible implicit imprecise imprint improper imprudent impure inaccessible
    inaccuracy inadvertent inaudible inborn incapable incentive incessant incite incoherent income incomparable
    incompatible incompetent inconsistency inconsistent inconvenience increasingly indebted indifferent indiscriminate
    indispensable indoors indulge industrial industry inefficiency inefficient inequality inert inescapable inevitably
    infancy infest infinite inflate inflexible inflict inflow ingest ingredient inhabit inhabitant injurious ink innate
    inner innermost innocent insect insight insignificant insoluble instability instant instinct insulate insult insure
    intellect intelligence intelligent interagency interchange interchangeable interdependent interdisciplinary
    interface interim interindividual interior interlink interlinked interlock intermediary intermix internet
    interpersonal interplay interpretability interrelationship intersect intersperse intertwine interviewee intimate
    intolerance intolerant intricate intrinsic introductory intrude intuition invade invalid invaluable invent inverse
    invert invisible invoice involuntary inward ironic irrational irreversible irrigate irritability irritable irritant
    island itchy iterate itinerary ivory jacket jail jam jar jealous jerk jewel jewelry jobless jobsite jog joke
    journal joy joyful juicy jumble jungle junior jury justice juvenile juxtapose kettle keyboard keyword kick kickback
    kid kill kilometer kindergarten kingdom kiss kit kitchen kneel knelt knife knit knob knock knockout knot labor
    labour lace ladder lady lag lake lamb lamp land landlord landmark landscape lane lantern lap lash latent laugh
    laughter laundry lawful lawn lawsuit lawyer lax layer layout lazy leadership leaf league leak leakage lean leant
    leapt learnt leather leftover legacy legend legible legislate lender lenient letdown lethal lettuce leverage liar
    liberty librarian license lid lieu lifelong lifespan lifestyle lifetime lightning lightweight likelihood lime limp
    linear linen linkage lion listen literacy literary livelihood livelong livestock lobby lockdown lodge log lonely
    longevity longitudinal longstanding lookout loophole loosen lorry loud lounge lovely loyal luck luggage lump
    lumpiness lunch luxury lying machinery mad magazine magic magnet magnificent magnify maid mainland mainstay
    mainstream majestic maker makeup malfunction malicious malpractice maneuver manifold mankind map maple marathon
    marble marine marketplace marriage married marsh marvel masculine mask masterpiece math matrix mattress maybe maze
    meadow mealtime meaningful meantime medal medieval mediocre melody melt meltdown membership mend menu merchant
    mercy merry mess messenger metal meteor methodology meticulous metro microwave midnight midway midyear militant
    milky mill mimic mindset miniature ministry mint minus miracle misattribute miscalculate misconduct misdirect
    miserable misfortune misguided mishandle mishap misinform misinterpret misjudge mislabel mismanage mismatch
    misplace misread misreport misrepresent missile mist mistaken mistook misunderstand moan modality modem modern
    modifiable moist moisten mold molecule momentum monetary money monkey monotonous monster monument mood moon moral
    morbid mortal mosquito motel motorist mountain mourn mouse mouthwash movie mow muddy mug multicenter multifaceted
    multimodal multipurpose multistep multitude mumble mundane municipal murder murmur museum mushroom music mute
    myself myth nail naked nap nascent nasty nationwide naughty navy necessitate necklace needle neglect neighborhood
    neighbour nephew nest net newborn newfound newspaper niece nightlong nightmare nighttime ninefold nineteen
    nineteenth ninetieth ninth noble nod noise noncompliant nonemergency nonexistent nonprofit nonspecific nonstandard
    nonurgent north northern notable notation notebook noticeably notorious notwithstanding nourish novel novelty
    novice nowadays noxious nuclear nucleus nuisance nylon oak oath obedient obligatory obsess obsolete occupant ocean
    odor odour offend offensive official offline offspring oil onefold oneself online onset onus opaque opponent
    oppress optimism optimistic orange orchestra ordinal ore organism orphan oscillate ourselves outburst outdated
    outdid outdone outdoor outermost outfit outflow outgrew outgrown outing outlet outnumber outpace outperform outrage
    outreach outskirts outstanding outstretched outward oval oven overarching overcame overdo overdone overdue
    overemphasize overestimate overflow overgrowth overhaul overhead overheard overlie overly overlying overnight
    overprescribe overran overreact overridden overrode overrule overrun oversaw overseas oversee overseen overshadow
    oversight oversimplify oversold overstate overt overtake overtaken overthrown overtime overtook overtreat overturn
    overuse owl ownership pack pad paddle paint palace pale palm palpable pamphlet pan panic pant parade paradigm
    paramount pardon parity park parliament participant particle partner partnership passage passenger passport pat
    patent pathway patience patrol paucity pave payback payment payoff peace peaceful peach pear pebble peculiar pedal
    pedestrian peel pen pencil penetrate pension pepper perfume peripheral perish permeable perpendicular perplex
    persevere personnel perspire pest petition petrol phenomenon philosophy phone photograph piano picnic pie pierce
    pig pillow pin pinch pink pinkish pint pioneer pipe pit pitch pity pivot pizza planet plant plaster plate platform
    playground playoff plea pledge plentiful plenty plethora plot plow plug plumber plunge plural poem poet poetry
    polar pole polish polite pollen pollute pond popular possibly postage postdate postgraduate postulate potency
    potent pottery poverty powder powerless pragmatic praise pray preach prearrange precious precipitate preconceive
    predate predefined predetermine predictability predictably predispose predisposition predominance preexist
    preexisting preface preferential prejudice preliminarily premium premix preoccupied preparatory preparedness prepay
    preplan preponderance preset prespecified presumably presumptive pretend pretty prevalence pride priest prime
    primitive prince princess prison privacy prize proclaim proficient prominence prone propagate propel propensity
    prophecy proponent proprietary prose prosecute prosper protest prototype protrude protrusion proud proverb province
    prudent pseudonym psychology pub puberty pudding puff pump punch punish pupil puppy pure purify purity purple
    purplish purport purposeful purse pursuit pyramid quadruple quaint quantifiable quarantine quarrel queen query
    queue quicken quilt quiver quiz quotient rabbit race racial rack radiant radiate radio radius raft rage raid rail
    railroad railway rain rainbow rainfall ramp rampant rarity ratify rattle raw razor realistic realm reappear rear
    reasonably reassign rebel rebound recalculate receptive recession recite reckless reclaim recline recoil recollect
    reconfirm reconstruct recount recourse recreation rectangle recurrent recycle red reddish redeem redid rediscover
    redistribute redness redone redundant reestablish reevaluate reexamine refill reformulate refrigerate refrigerator
    refuge refund refute regenerate regime regroup regulatory rehabilitate reheat reign reimburse reinstate reiterate
    rejoice rejoin rekindle relabel relationship relay relearn reliability reliably religion religious relinquish
    reload relocate reluctance remarkably remnant remorse renounce renovate rent reopen reorder reorganize repackage
    repair repay repel repetitive rephrase replenish replica reposition repurpose reputable requisite resample
    reschedule rescue resent reservoir reset reshape resident resign resilience resilient resistant resourceful respite
    responsibility restaurant restless restock restrain restraint restroom restructure resubmit resumption resupply
    resurface retail retention rethink retrace retrain retreat retrospect reunion reunite revelation revenge revenue
    revive revoke revolution rewind reword rework rewrite rewritten rewrote rhyme ribbon ridden riddle ridge ridiculous
    rifle rim rinse riot ripe ripple ritual rivalry river roar roast rob rock rocket rod romance romantic roof root
    rope rotten rouse royal rub rubbish rude rudimentary ruin ruler rumor rumour rundown rung runoff rural rust rustle
    ruthless sack sacred sad saddle sadness safeguard sail saint salad salary sale salty salute salvage sanction
    sanctuary sand sandwich sane sanitary sanitation sank sarcasm satellite saturate sauce savage saw sawn scaly
    scandal scant scare scarf scent scholar scholarship scientist scissors scold scoop scorn scrap scratch scream screw
    script scrub sculpture sea seam seamless seawater secluded secondhand secrecy secret secretary sedentary seduce
    seed seemingly segregate selectively selfish sell semblance semester senate senior sentiment sequential serene
    sermon servant setback setup sevenfold seventeen seventeenth seventh seventieth sew sewn shade shadow shake shaken
    shallow shame shampoo shark sharpen shatter shave sheep sheer shell shield shine ship shirt shiver shoe shone shook
    shoot shop shore shorn shortage shortcoming shortcut shortfall shout shove shovel showcase showdown shrank shred
    shrewd shrill shrink shrinkage shrug shrunk shuffle shutdown shutoff shy sidewalk sideways siege sigh sight
    significance silence silk silly silver simplistic simulate sin sing singular sink sip sixfold sixteen sixteenth
    sixth sixtieth skeptical skillful skirt sky slack slacken slain slam slang slant slap slavery sleeve slender slept
    slice slide sling slit slogan slowdown sluggish slumber slump slung sly smart smartphone smash smear smell smelt
    smile smog snack snake snap snatch sneak sniff snippet snore snow soak soap soar sober soccer sock sofa soften
    software soil solar soldier solemn solicit solidify solitary soluble solvent someday someplace song soothe sorrow
    sorry soul soup sour south southern souvenir sown spacious sparingly spark sparkle sparse spat spatial specialist
    specialty spectacle spectacular speculate sped speech spelt sphere spice spider spill spilt spin spiral spiritual
    spit splash splendid spoil spoilt sponge sponsor sponsorship spoon sporadic sport spotlight spouse sprang spray
    spreadsheet spring sprinkle sprung spun spur spy squad squander squash squat squirrel stab stability stack stadium
    stagnant stain stair stakeholder stale stamina stamp standalone standby standoff standpoint standstill staple star
    starch stash statewide statue statute steadfast steak steal steam steel steer stern stethoscope steward stiff
    stiffen stifle stigma stimulatory stimuli stimulus sting stole stolen stomachache stone stoop storage storm stove
    straighten stratify straw strawberry stray streak strenuous stressful strewn stricken stride strikingly stringent
    striven stroll stronghold strove struggle stubborn studio stumble stun stung stunk stunt stupid sturdy stylish
    subconscious subdivision subdue submerge submissive subordinate subscribe subsection subside subsist substandard
    substantive subtlety subtype suburb suburban subway successful succinct succumb suck sue sugary sullen sunburn sunk
    sunlight sunrise sunscreen sunset sunshine superb superficial superfluous superimpose supermarket supersede
    superstition supervisory supplant suppress surname surrender surveillance susceptibility suspend suspension
    suspicion suspicious swam sway sweet swept swim swing swollen sword swung syllable syllabus symbol sympathy
    symphony synchronize synthetic syringe tablespoon tableware tag takeaway tame tan tandem tank tap tar tardy taste
    taunt tax taxi tear tease teaspoon technical technician technological tedious telephone telescope television
    telltale temper temperament temperature template tempo temporarily tenant tenet tenth tenuous terrace terrain
    terrible terrific tertiary testify testimony textbook thankful theater theft thence thenceforth theoretical theory
    thereafter therein thereof thereupon thermometer thesis thick thicken thief thirst thirteenth thirtieth thorn
    thousandth threefold thrill throb throne throwback thrust thunder tidy tied tiger tighten tile tilt timber timeouts
    timetable tin tint tiresome toast toddler toilet token toolkit toothbrush toothpaste torch torment tornado torture
    toss touchdown tough tour tourist tournament towel tower town toy tract tradeoff trait trajectory transaction
    transcend transcribe transferable transient transit transmission transparency transpire trap trash tray treasure
    tree triad tribe tribute trickle trio triple triumph trivial trod trodden troop trophy tropical truck trumpet trunk
    trustworthy tryout tub tug tuition tumble tune tunnel turbid turbulent turkey turmoil turnout turnover tutor tweak
    twig twin twist typist ubiquitous ugly umbrella unabated unaltered unambiguous unanswered unattended unavailable
    unavoidable unbalanced unbearable unbiased unborn unbroken uncertainty uncle uncontrollable unconventional uncover
    underage underdeveloped underfoot underground underneath undernourished underprivileged underscore understate
    undertook undertreat underwent undetectable undid undifferentiated undisputed undone unduly unemployed unequivocal
    uneventful unexplained unfold unforeseen ungrounded unhappy unhelpful unhurried uninjured uninsured unintended
    unintentional uninterpretable uninterrupted union unjust unlawful unlikelihood unlimited unmarried unmask unnoticed
    unofficial unopened unpack unpredictable unprotected unqualified unrealistic unreasonable unrecognized unreliable
    unrelieved unremarkable unresolved unrestricted unscheduled unsettled unspoken unsuspected untested untidy untoward
    unveil unwarranted unwelcome unwilling unwise unwound upbringing upcoming upheaval upheld uplift upload upright
    upset upside upstairs upstream urban urgency urinate usability usage usher utensil utmost utter vacancy vacant
    vacate vacuum vain valley van vanilla vanish vapor vapour vegetarian veil velocity vend ventilate verb verdict
    versa versatile vertical viability vibrate vice vicious victim victory video viewpoint vigilance village villain
    vine vintage violent violet violin visibility visualize vocabulary vocation vogue voice void volatile volcano
    voltage vote voucher vowel voyage vulnerability wage wagon waist wakeful waken walkout wallet wander wane warehouse
    warmth warmup wary washout washroom wasp wastage wasteful watchdog waterproof waver wax waxy weapon weather weave
    webpage website wedding wedge weed weekday weep weird welfare wellbeing wept west western wet whale wheel
    wheelchair whereabouts whereafter wherein whereof whereupon whilst whim whip whisper whistle white whitish
    wholesome wicked widen wider widespread widow width wild wildlife winter wipe wire wisdom withdrawn withdrew
    withstood wolf womanhood wool workaround workforce worldwide worrisome worship worthless wove woven wrapup wreck
    wrinkle writeup wrongdoing wrung yard yarn yawn yearlong yearn yeast yell yellow yellowish yoga youngster yourself
    yourselves youth zeal zebra zone zoo
    roman latin greek arabic english
    """
)
