"""What registries say when they do not answer with a record, by kind; folded text (no accents, lower case).

Patterns are general on purpose: a registry that nobody has seen yet uses the same few turns of phrase. Terms of use
have the same words in other tenses (`exceeding`, `excessive`, `may be blocked`), so the tense matters here.
"""

import re
from typing import Final

_HOST: Final = r"(?<![\w.-])(?:[a-z0-9_-]{1,63}\.){1,9}[a-z0-9-]{2,63}"  # bounded: a reply may be one long "name"
_NEAR: Final = r"(?:[^.]|\.(?=\S)){0,50}?\b"  # some words on, in the same sentence
_ASKING: Final = r"(?:quer(?:y|ies)|requests?|lookups?|connections?|look.?ups?|access(?:es)?|searches|hits)"
_ASKER: Final = r"(?:client|ip|address|host|network|you|source)"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


EXCEEDED: Final = _any(
    r"\b(?:limits?|quotas?|allowance|maximum)(?: \w+){0,3} (?:(?:has|have|was|were|is|are) )?(?:been )?"
    r"(?:exceeded|reached|exhausted)\b",
    r"(?<!if )\b(?:you|client|ip|address|host|network)\b(?: \S+){0,3} (?:has|have|ve) (?:exceeded|exhausted|reached)\b",
    r"\b(?:limit|quota)s? exceeded\b",
    rf"\bexceeded (?:\w+ ){{0,4}}{_ASKING}\b",
)
"""Said in the perfect tense: counts wherever it stands, even in a long text."""

_LIMIT: Final = (
    r"\b\w*(?:limit|quota|kvot|kontingent|maximum|maximo|massimo|maksimum|grens|grans|graens|rajoit|zapyt|dotaz|poizved"
    r"|upit|anfrag|abfrag|requete|consulta|opvrag|interrogazion|запрос|запит|лимит)\w*"
)
_PASSED: Final = (
    r"\b(?:uberschritten|uberstiegen|erreicht|erschopft|depass\w+|atteint\w*|excedid\w+|excedeu|superad\w+|superat\w+"
    r"|alcanzad\w+|sobrepasad\w+|ultrapassad\w+|atingid\w+|overschreden|bereikt|overskr\w+|ylit\w+|uletat\w*"
    r"|przekrocz\w+|prekroc\w+|prekorac\w+|tullep\w+|depasit\w*|asildi\w*|astiniz|virsyt\w+|parsnieg\w+|превы\w+"
    r"|перевищ\w+|исчерпан\w*)"
)
_AGAIN: Final = (
    r"(?:\b(?:versuch|reessa|essaye|prueb|riprov|probeer|sprobuj|ponow|zkus|skus|pokus|forsok|yrit|proov|bandyk|megin"
    r"|probal|tekrar|deney|incerc|повтор|попроб|спроб)\w*|\b(?:intente|intentar|tente|prova|prov igen)\b)"
)
_LATER: Final = (
    r"\b(?:spater|plus tard|mas tarde|mais tarde|piu tardi|opnieuw|pozniej|pozdeji|neskor|kasnije|kasneje|senare|senere"
    r"|myohemmin|hiljem|veliau|velak|kesobb|sonra|mai tarziu|позже|позднее|пізніше)\b"
)
_WORDS: Final = r"[^.]{0,60}?"

THROTTLED: Final = _any(
    rf"{_LIMIT}{_WORDS}{_PASSED}",
    rf"{_PASSED}{_WORDS}{_LIMIT}",
    rf"{_AGAIN}{_WORDS}{_LATER}",
    rf"{_LATER}{_WORDS}{_AGAIN}",
    r"\b(?:te veel|for mange|for manga|liian (?:monta|usein)|zbyt (?:wiele|duzo|czesto)|prilis (?:mnoho|vela|casto)"
    r"|previse|prevec|tul sok|prea multe|cok fazla|trop (?:de|souvent)|troppe|demasiad\w+"
    r"|muit[oa]s (?:consultas|pedidos)|zu (?:viele|haufig)|забагато|занадто багато|слишком часто)\b",
    r"太多|过于频繁|過於頻繁|너무 많|多すぎ|再度お試し",
    rf"\b(?:limits?|quotas?|rates?|number of (?:\w+ )?{_ASKING}|{_ASKING})\b{_NEAR}"
    r"(?:exceeded|reached|exhausted|depleted|used up|consumed|was hit|been hit)\b",
    rf"\ballowance\b{_NEAR}(?:used up|spent|consumed)\b|\bno (?:more|further) (?:\w+ )?{_ASKING}\b",
    rf"\brate.?limit\w* (?:exceed|reach|hit)\w*|\b{_ASKING}\b{_NEAR}ha(?:ve|s) been (?:limited|reduced)\b",
    r"\b(?:exceeded|reached|used up|exhausted) (?:\w+ ){0,4}(?:limits?|quotas?|maximum|rate|allowance|number)\b",
    r"\b(?:limit|quota|rate|volume)s? (?:exceed|exceded|over\b|violation|reached)\w*",
    r"\b(?:over|above|out of) (?:\w+ )?(?:quota|limit|rate)\b",
    r"\btoo (?:many|much|fast|frequent\w*|often|quick\w*|high|short an interval)\b(?! (?:labels|parts|dots))",
    rf"\bexcessive (?:querying|use|usage|{_ASKING})\b[,.;:]? *(?:grace|please|try|wait|detected|block|from your)",
    rf"\b(?:querying|{_ASKING}) (?:are |were |is |being )*(?:too |rate.)?(?:limited|throttled|excessive)\b",
    rf"\b(?:{_ASKER}|{_ASKING})\b{_NEAR}(?:throttled|rate.?limited|black.?listed)\b",
    rf"\b(?:{_ASKER}|{_ASKING})\b{_NEAR}temporar\w+ (?:blocked|banned|denied|disabled|suspended|refused)\b",
    rf"\bonly (?:\w+ )?{_ASKING} (?:per|every|in|within|a)\b",
    r"\b(?:try|retry|come back|query|wait)(?: it| again)*(?: \w+)? (?:later|again (?:in|after|tomorrow)|in \d+)\b",
    r"\b(?:slow down|go away|be patient|please wait|grace period of|cool.?down|wait (?:for )?\d+)\b",
    r"\bfair use exceeded\b|\brun out of (?:\w+ )?(?:quer|request|lookup|credit)\w*|\bquery limitation\b",
    rf"\bnumber of {_ASKING}\b{_NEAR}passed\b|\bmade (?:more than|over) \d+ {_ASKING}\b|\bexceeded max\w*\b",
    r"\b(?:overloaded|temporar\w+ denied|temporar\w+ not be answered)\b",
    rf"\bbefore \w+ing (?:another|a new|the next|your next) (?:enquir\w+|inquir\w+|{_ASKING})\b",
    r"\baccess control limit|\blimit(?:ed)? (?:reached|exceeded)|\binterval is too short",
    r"\blimite (?:\w+ ){0,3}(?:excedido|superado|alcanzado|atteinte?|depassee?)",
    r"\b(?:superado|excedido|alcanzado|sobrepasado) (?:el |la )?(?:limite|numero|cuota|maximo)|\bsuperat\w+ (?:il|la) ",
    r"\bexcedeu|\bza duzo zapytan|превышен\w* (?:количество|допустим)|слишком много",
    r"查询(?:过于)?频繁|请稍后|超过.{0,8}(?:限制|次数)|制限|초과",
)
"""The server would answer, but not now."""

REDUCED: Final = _any(
    r"\breduced (?:information|data|output)\b", r"\blimited (?:information|output) (?:is )?(?:shown|returned)\b"
)
"""After a word about limits: the server did answer, with less than usual."""

_ELSEWHERE: Final = r"(?:^\W*|\bplease |\b(?:must|should) )(?:use|visit|try|query|consult|go to)\b"
REFUSED: Final = _any(
    rf"\b(?:{_ASKING}|permission|service)\b{_NEAR}(?:denied|refused|rejected|forbidden)\b",
    rf"\b(?:{_ASKING}|{_ASKER})\b{_NEAR}"
    r"not (?:authori[sz]ed|permitted|allowed|granted|accepted)\b(?! to (?:use|re|store))",
    rf"\b{_ASKER}\b{_NEAR}(?:is|are|has been|have been|was) (?:blocked|banned|barred)\b",
    rf"\byour {_ASKER}\b{_NEAR}(?:black|block|deny|ban).?list",
    r"^\W*(?:access )?(?:forbidden|unauthori[sz]ed|restricted|denied|blocked|banned)\W*$",
    r"\baccess (?:is )?restricted\b|^\W*not (?:authori[sz]ed|permitted|allowed)\W*$|\bregistrars only\b",
    rf"\baccess\b{_NEAR}(?:has been|is|was) (?:suspended|revoked|withdrawn|disabled|blocked)\b",
    r"\bonly (?:\w+ )?registrars may\b",
    r"\babuse (?:was |has been )?detected\b|\b(?:whois|service|server) (?:is |has been |was )?(?:disabled|closed)\b",
    r"\byour (?:subscription|account|licen[cs]e|plan)\b[^.]{0,40}\bnot (?:permit|allow|include|cover)",
    rf"\b(?:whois|(?:this|the) service)\b{_NEAR}(?:discontinued|decommissioned|retired|shut ?down|switched off|sunset"
    r"|deprecated)\b",
    rf"{_ELSEWHERE}.{{0,80}}\binstead\b",
    rf"{_ELSEWHERE}.{{0,40}}\b(?:web.?based|web.?whois|web (?:form|interface|page|site|version)|rdap)\b",
    rf"\bwhois\b{_NEAR}no longer (?:available|offered|supported|provided|operated|maintained|in service)\b",
    r"\bcaptcha\b|\bacceso denegado|\bacces refuse|\bacesso negado|\bzugriff verweigert|доступ (?:запрещен|ограничен)",
)
"""The server will not answer us, now or later."""

BARRED: Final = re.compile(r"\bip address\b[^.]{0,60}\b(?:is|was) not (?:authori[sz]ed|permitted|allowed)\b")
"""Said of the asker's own address: counts wherever it stands, even in a long text."""

ASKER: Final = re.compile(rf"\byour (?:{_ASKER}|access|account)\b")
"""In such a sentence `blocked` and `restricted` are said of the asker, not of the name."""

ERROR: Final = _any(
    r"\b(?:invalid|illegal|malformed|bad|incorrect|unrecogni[sz]ed|unsupported|unknown|wrong|missing)(?: \w+){0,2} "
    r"(?:query|request|syntax|domains?|input|format|parameters?|characters?|tld|option|command|name|type|server|zone"
    r"|encoding|argument|label|length|object)\b",
    rf"\b(?:domain|name|query|input|request|it)\b{_NEAR}(?:is|was) (?:invalid|malformed|illegal|not valid|too long)\b",
    r"\bnot a (?:valid|legal|proper|correct)\b",
    r"\b(?:syntax|internal|server|database|backend|system|processing|service|connection|fatal|unexpected) error\b",
    r"\berror (?:occurred|while|during|in processing|connecting|accessing)\b",
    rf"\b(?:service|server|database|system|whois)\b{_NEAR}(?:unavailable|maintenance|down|offline|busy|overloaded)\b",
    r"\b(?:service|server|database|system|whois) (?:is )?(?:currently |temporarily )*not available\b",
    r"\b(?:timed? ?out|time-?out)\b|\b(?:unable|failed|failure) to\b(?! (?:find|locate) (?!.{0,30}\bserver))",
    r"\b(?:cannot|can not|could not|couldn t) (?:be )?(?:process|perform|complet|connect|open|reach|handl|execut"
    r"|retriev|look|contact|answer|fulfil|respond|resolv)\w*",
    r"\bno whois server\b|\bno such (?:server|tld|service|command|zone)\b",
    rf"\b(?:tld|zone|extension|suffix)\b{_NEAR}not (?:supported|served|managed|handled|available|known)\b",
    r"\bdoes not (?:support|serve|accept|handle|recogni[sz]e|manage)\b|\bnot (?:supported|implemented)\b",
    r"\btoo (?:many|few) (?:parts|labels|dots|arguments|matches)\b|\bmore than one match\b",
    r"\b(?:dns error|host not found|connection (?:reset|closed))\b",
)
"""The question was not understood or could not be worked on. Never a reason to believe that a name is free."""

DOWN: Final = _any(
    rf"\b(?:service|server|database|system|whois)\b{_NEAR}(?:unavailable|maintenance|offline|overloaded)\b",
    r"\b(?:internal|server|database|backend|system|fatal|unexpected) error\b|\b(?:timed? ?out|time-?out)\b",
)
"""The server is in trouble: beside it `not found` says nothing of a name."""

_THING: Final = r"(?:match(?:es|ing)?|entr(?:y|ies)|records?|data|objects?|information|info|results?|domains?)"
_KIND: Final = (
    r"(?:domain(?: name| nev)?|name|dominio|nombre de dominio|domaine|domein\w*|domena|domen\w*|domaen\w*|domann\w+"
    r"|domeen|verkkotunnus|домен)"
)
_FREE: Final = (
    r"(?:available|avail|free|vacant|unregistered|disponible|disponivel|disponibile|libre|livre|libero|liber|frei|vrij"
    r"|ledigt?|vapaa|szabad|vaba|laisvas|brivs|slobod\w+|volny|volna|wolny|wolna|prost[ao]?|tersedia|свобод\w+|вільн\w+)"
)
NOT_FOUND: Final = _any(
    rf"^\W*(?:(?:yes|the|this|ce|cet|el|la|le|o|a|die|der|das|de|il|lo)\W+)*(?:{_KIND}\W+)?(?:{_HOST}\W+)?(?:{_KIND}\W+)?(?:(?:is|esta|est|ist|je|er|ar|este|jest|on|in|ir"
    rf"|is still|is now) )?{_FREE}(?: (?:for|para|per|pour) \w+)?\W*$",
    rf"^\W*(?:domain (?:name )?)?(?:{_HOST}\W+)?(?:is )?unknown\W*$",
    r"\b(?:unable to|cannot|could ?n t|can ?t) (?:find|locate) (?:the |any |a )?"
    r"(?:domain|record|match|entry|object|[\w-]+\.)",
    r"^\W*(?:nxdomain|0 results\b.*|zero results\b.*)\W*$|\bthere (?:is|are|was|were) no (?:such|entr|record|match)\w*"
    r"|: no data\W*$|\bhas no (?:entry|record|match)\w*\b",
    rf"\bnot have any {_THING}\b|^\W*sorry\W+no\W+{_HOST}\W*$",
    rf"\bno (?:\w+ ){{0,3}}?{_THING}\b(?: \w+){{0,6}}? (?:found|available|exists?|for|in|about|match\w*|returned)\b",
    rf"^\W*(?:no|not|non) (?:found|exist\w*|such domain|{_THING})(?: (?:found|{_THING}))?\W*$",
    r"\bno (?:match\b|matching\b|object found|data (?:was )?found|entries found)",
    r"\bno such (?:domain|name|record|entry|object)\b|\bnothing found\b",
    r"\b(?:returned|found) (?:0|no|zero) (?:\w+ )?(?:objects?|results?|records?|match\w*|entries)\b",
    rf"\b(?:domains?|names?|objects?|records?|entry|entries|data|(?<!\w )key|{_HOST})\W+(?:\W*{_HOST}\W+)?"
    r"(?:is |was |were |could |can ?|has |have )?(?:been )?not (?:be |been )?found\b",
    r"^\W*not found\b|\bnot found: |\bnot found in\b|\bnot find (?:\w+ )?(?:domain|record|match|entry|object|[\w-]+\.)|"
    r"\b(?:domain|name) (?:is )?not known\b",
    r"\b(?:not|isn t|never)(?: been| yet| currently| a)* (?:regist(?:e)?red|allocated|assigned|in use|taken)\b",
    r"\bunregistered\b|\bunassigned\b|\bnon.?existent\b|\bnot exist\w*",
    rf"\b(?:does|do|did)(?: not|n ?t) (?:\w+ )?(?:exist|match|have (?:an? |any )?{_THING})\b",
    r"\bnot (?:available )?in (?:our|the|this) (?:\w+ ){0,2}(?:database|registry|register)\b",
    rf"\b(?:domain|name|{_HOST})\W+(?:\W*{_HOST}\W+)?(?:\w+ ){{0,2}}?(?:is|may be|appears to be) (?:\w+ )?(?<!not )"
    r"(?:available|free|vacant)\b(?! (?:at|from|on|in|via|through|under|online|with|to (?:the|all|anyone)))",
    r"(?<!not )(?<!un)\bavailable (?:for|to) (?:registration|register|purchase|be registered|buy)\b",
    r"\bfree for registration\b|^\W*(?:available|free|avail|vacant)\W*$",
    rf"^\W*{_HOST}\W+(?:is )?(?:available|free|vacant|no match|no existe|libre|frei|wolny|vrij|ledig)\W*$",
    r"\b(?:no|esta) (?:existe|libre|se encuentra|se encontr\w*|encontrad[oa]|registrad[oa]|esta registrad[oa])\b",
    r"\bno (?:hay|existen) (?:datos|informacion|registros|resultados)\b"
    r"|\bno (?:fue|ha sido) (?:encontrad|registrad)[oa]\b",
    r"\bnao (?:existe|encontrad[oa]|regist\w*ad[oa]|foi encontrad[oa])\b",
    r"\binexistan?te?\b|\bdisponivel para\b|\bintrouvable\b|\bn ?existe pas\b|\bn ?est pas enregistre",
    r"\b(?:pas|non) (?:ete )?(?:trouve|enregistre)\w*",
    r"\baucun\w* (?:\w+ )?(?:trouve|resultat|enregistrement|objet|donnee)\w*",
    r"\bnon (?:trovato|registrato|esiste)\b|\bnessun (?:risultato|record|dato)\b",
    r"\b(?:nicht|kein\w*) (?:\w+ )?(?:gefunden|registriert|vergeben|eintrag|vorhanden|treffer|existiert)\b",
    r"\bniet (?:gevonden|geregistreerd)\b|\bnincs talalat\b|\bbrak (?:danych|domeny)\b",
    r"\bnie (?:(?:zostal\w* )?znalezion\w+|istnieje|jest zarejestrowan\w+)\b|\bnenalezen\w*|\bnebyl\w* nalezen\w*",
    r"\b(?:ikke|inte|icke|ei) (?:\w+ )?(?:fundet|funnet|hittad\w*|registre\w+|loydy|loytynyt|rekisteroity)\b",
    r"\bδεν (?:βρέθηκε|υπάρχει)\b",
    r"\bnije (?:registr|pronad|nadjen|naden)\w*|\bni (?:registriran|najden)\w*",
    r"\bnu (?:a fost gasit|exista|este inregistrat)\b",
    r"\bbulunamadi|\bkayitli degil|\b(?:tidak|belum) (?:ditemukan|terdaftar|ada)\b|\bchua (?:duoc )?dang ky\b",
    r"не (?:найден\w*|зарегистрирован\w*|существует|занят\w*|знайдено|зареестрован\w*)|ไม่พบ",
    r"등록되어 있지 않|없습니다|見つかりません",
    r"ありません|未(?:注册|註冊|找到|登記|被注册)|可以注册|可注册|没有(?:找到|匹配|记录)|不存在|查無|尚未",
)
"""The registry says that it has no such name."""

ELSE_MISSING: Final = _any(
    r"\b(?:ip|address|client|user|host|network|account|server|tld|zone|suffix|registr(?:ar|ant|y)|contact|handle"
    r"|\w+ key|command|service|query|file|page|template|token)s? (?:is |was |were |are |has |have )?(?:been )?"
    r"(?:not (?:been )?(?:found|registered|known)|unknown)\b",
    r"\byour (?:ip|address|host|client|network|account|access|key|token)\b|\byou (?:are|re) not\b",
    r"\b(?:white|access|allow|permission|control|allowed) ?list\b|\bfor (?:access|your ip)\b|\b(?:backend|cache)\b",
    r"\bsearch (?:is )?disabled\b|\bnames are available\b|\bit is free\b|\b(?:tld|zone|suffix|extension) not found\b",
    rf"\bno (?:more )?(?:free |available )?{_ASKING}\b",
)
"""A denial that is about the asker or the server, or advertising; in such a sentence `not found` says nothing."""

FREE_STATUS: Final = _any(
    r"^(?:free|available|avail|unregistered|unassigned|unallocated|does not exist|object not found)\b",
    r"^not (?:found|registered|exist\w*|known|assigned)\b|^no (?:match|object|data found)|^\d{3} available\b",
    r"^(?:libre|disponible|disponivel|inexistente|frei|vrij|ledig|volny|wolny|未注册|свободен)\b",
    r"^(?:can be|open for) regist",
)
"""A status value that means the name is not registered."""

FAILED_STATUS: Final = re.compile(r"^[45]\d\d\b")
"""A status value that numbers what went wrong, as HTTP does."""

RESERVED: Final = _any(
    r"\b(?:is|are|was|has been|name|domain|status|:)\s*(?:an? |on the )?(?:\w+ )?"
    r"(?:reserved|blocked|restricted|prohibited|banned|premium)\b",
    r"^\W*(?:reserved|blocked|restricted|prohibited|premium)\b",
    r"\b(?:is |are )?not available(?: for (?:registration|purchase))?\b(?! (?:at|in|from|on|via|to)\b)|\bunavailable\b",
    r"\b(?:can ?not|may not|could not) be (?:registered|allocated|delegated)\b",
    r"\bnot (?:open|eligible) for registration\b|\bforbidden (?:name|domain)\b",
    r"\breserved by\b|\bno (?:esta )?disponible\b|\bnao (?:esta )?disponivel\b",
    r"\breservado\b|\breserve par\b|\breserviert\b|\bgesperrt\b|保留|預約",
)
"""The registry keeps the name for itself: nobody has it, and nobody can have it."""

KEPT: Final = _any(
    r"\b(?:name|domain|object|it|this) (?:is |has been |was )?(?:an? )?reserved\b|\breserved (?:by|name|domain|word)\b",
    r"^\W*reserved\W*$",
)
"""Said beside `not found`, it outranks it: a registry keeps names that it has no record of."""

TAKEN: Final = _any(
    rf"^\W*(?:the )?(?:{_KIND}\W+)?(?:{_HOST}\W+)?(?:is |has been |already |esta |est |ist )*"
    r"(?:registered|taken|exists|busy|registrado|enregistre|registriert|vergeben|occupied|in use)\W*$",
)
"""The registry says no more than that somebody has the name."""

ONLY_OF: Final = re.compile(r"\b(?:database contains only|exclusivamente de dominios(?: bajo)?)\b([^\n]*)")
"""What a registry says of the suffixes that it serves: its denial is none where it does not serve the asked one."""
