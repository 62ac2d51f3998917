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
        "тревожность мигрень бессонница ожирение анемия псориаз артрит "
        "illness disease diagnosis diagnosed cancer tumor tumour oncology chemotherapy diabetes "
        "diabetic asthma epilepsy hepatitis tuberculosis hypertension depression depressed "
        "schizophrenia bipolar autism autistic adhd anorexia bulimia hiv pregnant pregnancy "
        "abortion miscarriage infertility menopause psychiatrist therapist psychotherapy "
        "antidepressant antidepressants medication insulin surgery addiction addict alcoholism "
        "alcoholic rehab disabled disability suicide suicidal anxiety migraine insomnia obesity "
        "anemia psoriasis arthritis pills "
        # Religion
        "религия религиозный религиозная вера верующий верующая церковь храм мечеть синагога "
        "православие православный православная католик католичка католицизм протестант баптист "
        "мусульманин мусульманка ислам иудаизм иудей еврей буддист буддизм атеист атеистка "
        "крещение намаз библия коран молитва христианство христианин христианка аллах "
        "иисус рамадан священник атеизм "
        "religion religious church mosque synagogue christian christianity catholic "
        "protestant baptist orthodox islam muslim jewish judaism jew buddhist buddhism hindu "
        "hinduism atheist atheism bible quran prayer baptized allah jesus ramadan priest "
        # Politics
        "политика политик политический голосовал голосовала голосую президент оппозиция "
        "оппозиционер митинг коммунист коммунизм либерал либерализм социализм демократ протест "
        "партийный "
        "politics political politician election elections vote voted voter president opposition "
        "republican democrat communist communism socialist socialism liberal liberalism "
        # Sex
        "секс сексуальный интим гей лесбиянка бисексуал трансгендер ориентация порно порнография "
        "любовница любовник измена изменил изменила презерватив эротика "
        "sex sexual sexuality gay lesbian bisexual transgender queer porn pornography mistress "
        "affair "
        "condom erotic erotica libido lgbt лгбт "
        # Money
        "зарплата оклад доход кредит долг долги задолжал ипотека банкрот банкротство "
        "заработок сбережения пенсия алименты микрозайм займ коллектор наследство "
        "деньги денег инвестиции инвестирую инвестор криптовалюта биткоин трейдинг налоги налог "
        "salary wage wages income loan loans debt debts owe owes mortgage bankrupt bankruptcy "
        "savings "
        "pension alimony inheritance payday money investing investment investor crypto "
        "cryptocurrency bitcoin taxes "
        # Crime
        "преступление преступник судимость судим арест арестован тюрьма тюремный срок украл украла "
        "кража убийство убил взятка мошенничество уголовный кокаин героин марихуана "
        "crime criminal conviction convicted arrest arrested prison jail theft stole murder bribe "
        "fraud felony parole probation drugs cocaine heroin marijuana "
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
    r"|^(?:бог|вера|god|faith|акции|вклады?)$|\bstocks\b"  # alone, as a topic
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
