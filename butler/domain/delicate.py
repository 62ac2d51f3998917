"""What a butler does not note unasked: health, faith, politics, sex, money, crime, papers."""

from __future__ import annotations

import re

from butler.domain.stems import plain, stems

# By stem: every form of the word.
_WORDS = frozenset(
    stems(
        # Health
        "болезнь заболел заболела диагноз рак онкология опухоль диабет диабетик "
        "астма эпилепсия инсульт инфаркт гепатит туберкулез гипертония депрессия депрессивный "
        "шизофрения биполярный аутизм анорексия булимия спид вич беременна беременность беременная "
        "аборт выкидыш бесплодие климакс психиатр психотерапевт психотерапия антидепрессанты "
        "лекарство лекарства таблетки инсулин операция химиотерапия зависимость алкоголизм "
        "алкоголик "
        "наркотики наркоман наркомания инвалид инвалидность импотенция суицид самоубийство "
        "тревожность мигрень бессонница ожирение анемия псориаз артрит гастрит язва экзема грипп "
        "ковид коронавирус герпес хламидии гонорея сифилис молочница варикоз геморрой цистит "
        "панкреатит аппендицит пневмония бронхит ангина аритмия тахикардия холестерин гормоны "
        "щитовидка остеохондроз сколиоз ревматизм подагра катаракта глаукома деменция альцгеймер "
        "паркинсон склероз лейкемия лимфома метастазы инвалидность выкидыш контрацепция "
        "контрацептивы токсикоз биполярка невроз психоз паранойя самоповреждение терапевт "
        "нарколог хоспис вакцина прививка алкоголь запой похмелье курение наркоз травка "
        "гашиш амфетамин "
        "illness disease diagnosis diagnosed cancer tumor tumour oncology chemotherapy diabetes "
        "diabetic asthma epilepsy hepatitis tuberculosis hypertension depression depressed "
        "schizophrenia bipolar autism autistic adhd anorexia bulimia hiv pregnant pregnancy "
        "abortion miscarriage infertility menopause psychiatrist therapist psychotherapy "
        "antidepressant antidepressants medication insulin surgery addiction addict alcoholism "
        "alcoholic rehab disabled disability suicide suicidal anxiety migraine insomnia obesity "
        "anemia psoriasis arthritis pills gastritis ulcer eczema flu covid coronavirus herpes "
        "chlamydia gonorrhea syphilis hemorrhoids cystitis pancreatitis appendicitis pneumonia "
        "bronchitis arrhythmia cholesterol hormones thyroid scoliosis gout cataract glaucoma "
        "dementia alzheimer alzheimer's parkinson parkinson's sclerosis leukemia lymphoma "
        "metastasis chemo radiotherapy biopsy contraception contraceptive contraceptives ivf ptsd "
        "ocd neurosis psychosis paranoia therapy hospice vaccine vaccination bulimic "
        "anorexic alcohol hangover overdose sober rehabilitation "
        # Religion
        "религия религиозный религиозная вера верующий верующая церковь храм мечеть синагога "
        "православие православный православная католик католичка католицизм протестант баптист "
        "мусульманин мусульманка ислам иудаизм иудей еврей буддист буддизм атеист атеистка "
        "крещение намаз библия коран молитва христианство христианин христианка аллах "
        "иисус рамадан священник атеизм раввин мулла пастор монах монастырь исповедь "
        "причастие библейский шаббат кошер халяль хиджаб коран кришна язычник сатанизм "
        "таро астрология гороскоп секта "
        "religion religious church mosque synagogue christian christianity catholic "
        "protestant baptist orthodox islam muslim jewish judaism jew buddhist buddhism hindu "
        "hinduism atheist atheism bible quran prayer baptized allah jesus ramadan priest rabbi "
        "imam "
        "mullah pastor monk monastery confession communion shabbat kosher halal hijab torah "
        "krishna "
        "pagan satanism tarot astrology horoscope mormon evangelical lutheran methodist "
        "agnostic agnosticism shia sikh sikhism "
        # Politics
        "политика политик политический голосовал голосовала голосую президент оппозиция "
        "оппозиционер митинг коммунист коммунизм либерал либерализм социализм демократ протест "
        "партийный путин навальный зеленский байден трамп госдума депутат санкции мобилизация "
        "пропаганда феминизм феминистка мигрант мигранты иммиграция национализм "
        "националист фашизм нацизм анархизм монархизм "
        "politics political politician election elections vote voted voter president opposition "
        "republican democrat communist communism socialist socialism liberal liberalism putin "
        "trump "
        "biden navalny zelensky congress senator parliament sanctions propaganda feminism "
        "feminist immigration immigrant migrant refugee nationalism nationalist fascism nazism "
        "anarchism brexit maga "
        # Sex
        "секс сексуальный интим гей лесбиянка бисексуал трансгендер ориентация порно порнография "
        "любовница любовник измена изменил изменила презерватив эротика бдсм фетиш оргазм "
        "мастурбация проститутка эскорт стриптиз свингеры виагра "
        "sex sexual sexuality gay lesbian bisexual transgender queer porn pornography mistress "
        "affair "
        "condom erotic erotica libido lgbt лгбт bdsm fetish orgasm masturbation prostitute "
        "stripper swingers viagra kink hookup "
        # Money
        "зарплата оклад доход кредит долг долги задолжал ипотека банкрот банкротство "
        "заработок сбережения пенсия алименты микрозайм займ коллектор наследство "
        "деньги денег инвестиции инвестирую инвестор криптовалюта биткоин трейдинг налоги налог "
        "крипта крипто биржа форекс трейдер финансы финансовый облигации дивиденды казино "
        "букмекер лотерея рулетка гемблинг коллекторы займы рассрочка "
        "salary wage wages income loan loans debt debts owe owes mortgage bankrupt bankruptcy "
        "savings "
        "pension alimony inheritance payday money investing investment investor crypto "
        "cryptocurrency bitcoin taxes trading trader forex finance finances dividends "
        "gambling casino betting bets roulette lottery tax ethereum "
        # Crime
        "преступление преступник судимость судим арест арестован тюрьма тюремный срок украл украла "
        "кража убийство убил взятка мошенничество уголовный кокаин героин марихуана оружие "
        "пистолет "
        "наркодилер контрабанда рэкет вымогательство насилие изнасилование "
        "crime criminal conviction convicted arrest arrested prison jail theft stole murder bribe "
        "fraud felony parole probation drugs cocaine heroin marijuana weed cannabis weapon weapons "
        "firearm firearms rape violence smuggling extortion blackmail mdma lsd ecstasy "
        # Identity documents
        "паспорт загранпаспорт снилс инн свидетельство водительские "
        "passport ssn"
    )
) - set(stems("вера срок дома"))  # a name, a term: common beyond the matter
# Where one word alone would be another thing.
_PHRASES = re.compile(
    r"\bpolitical party|партия (?:власти|зеленых|пенсионеров)|\bпартии (?:власти|зеленых)"
    r"|на выборах|на выборы|\bвыборы\b|за кого голос|\bверю в (?:бога|аллаха)|\bbelieve in "
    r"(?:god|allah)"
    r"|\bхожу в храм|\bпощусь\b|\bпост(?:у|а)? держ|\bi pray\b|молюсь"
    r"|\bболе(?:ю|ет|л|ла)\b(?! за\b)|\baids\b|\b(?:a|had|after) stroke\b|у врача|к врачу лечиться"
    r"|\bin therapy\b|\bmental health|психическ\w+ (?:здоров|расстрой)|\bпсихическ|здоровь|"
    r"\bhealth\b"
    r"|\bpanic attacks?|паническ\w+ атак|\bheart (?:attack|disease)|давление скачет|\bna[rр]кот"
    r"|\b(?:lose|losing|lost) weight|\bweight loss|похуде|тревожн\w+ расстр|\bвер\w+ в бога"
    r"|\bbelieves in (?:god|allah)|\bfaith in god"
    r"|\bимам(?:а|у|ом)?\b|\bsunnis?\b|\bтору\b|\bикон[ауы]\b(?! стиля)|\bк мессе\b"
    r"|\b(?:прохожу|курс|после) хими[юи]\b|\b(?:роды|родах|рожать|рожаю)\b|\bпсихолог(?:а|у|ом)\b"
    r"|\ba psychologist|\bsee(?:ing)? (?:a|my) (?:shrink|therapist|psychologist)|\bвешу \d"
    r"|\bi weigh\b"
    r"|^(?:weight|вес)\b.*\d|^(?:rent(?! an? )|аренда|квартплата)\b|\bmy rent\b"
    r"|\bguns\b(?! n)|\bставк\w+ на спорт"
    r"|\bна войн[еу]\b|\bвойн\w+ в украине|\bgovernment bonds|\bакциях?\b(?= компан)"
    # alone, as a topic
    r"|^(?:бог|вера|god|faith|акции|вклады?|ставки|война|war|guns?)$|\bstocks\b"
    r"|\bstock market|фондов\w+ рын|\bакци\w+ компан|банковск\w+ вклад"
    r"|\bв долг\b|по уши в долгах|\bcredit card|кредитн\w+ карт|\bbank account|счет\w* в банке"
    r"|\bdriver'?s? licen[cs]e|водительск\w+ (?:права|удостовер)|\bid card|удостоверени\w+ личности"
    r"|\bnational id|\bsocial security|\bmy sex life|\bхочу секса|\bспать с\b|\bslept with\b"
    r"|\bзарабатыва|\bi (?:earn|make) (?:[$€£]|\d)|получаю \d+ ?(?:тыс|руб)"
    r"|\bсид(?:ел|ела|ит) в тюрьме|\bпод следствием|\bunder investigation|\bcriminal record"
)


def delicate(text: str) -> bool:
    """Whether the text touches health, religion, politics, sex, money, crime or papers."""
    return not _WORDS.isdisjoint(stems(text)) or bool(_PHRASES.search(plain(text)))
