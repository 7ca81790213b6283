"""The words that registries use for their fields, folded: no accents, lower case.

A key belongs to a field when all its words are known there and at least one names the field; so a combination of known
words that no registry has used yet is read as well.
"""

from dataclasses import dataclass
from typing import Final

from tracker.decoders.whois_dates import fold


def _words(text: str, separator: str | None = None) -> frozenset[str]:
    return frozenset(fold(word).strip() for word in text.split(separator))


def _spelled(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FILLER: Final = _words(
    """domain domainname name names record entry object date dates time day on at of the in for is first
    original initial registry registrar sponsoring info information data current currently this will it fecha
    datum dato de date del do da du la le el d des van der die das il lo di em en nom nombre nome domaine
    dominio domein datums tarihi дата pvm ngay tanggal ημερομηνία"""
)


@dataclass(frozen=True, slots=True)
class Field:
    """`core` names the field, `known` are all words that its keys may have."""

    core: frozenset[str]
    known: frozenset[str]

    def names(self, key: str) -> bool:
        """Whether a normalised key means this field."""
        parts = frozenset(key.split())
        return bool(parts & self.core) and parts <= self.known


def _field(core: str, also: str = "") -> Field:
    return Field(_words(core), _words(core) | _FILLER | _words(also))


EXPIRES: Final = _field(
    """expires expire expired expiry expiration expiring exp renewal renew renews paid till until valid validity
    validtill billed billeduntil datebilleduntil paidtill expirydate expirationdate vencimiento vence vencimento
    vencto corte caduca caducidad expiracion expiracao expira validade scadenza ablauf ablaufdatum gultig bis
    vervaldatum utlop utgar udlob utloper echeance wygasa vyprsi istice istek istica bitis sona erme expirare
    vanhenee umpeutuu kedaluwarsa berakhir lejarat wygasnie han λήξης λήξη закінчується закінчення 到期日 屆滿日期
    истекает окончания оплачен до 有効期限 过期时间 到期时间 到期日期 過期時間 有效期 사용종료일 사용 종료일
    만료일""",
    "registered registration register to registro registrado enregistrement domains fin het",
)
RENEWS: Final = _field("renewal renew renews", "registration")
"""Of two dates the one that speaks of the end counts: some registries print the last renewal beside it."""
UPDATED: Final = _field(
    """updated update updates modified modification changed change changes edited amended lastmodified
    datelastmodified lastupdate lastupdated lastchange actualizacion actualizado modificacion modificado
    modificada cambio alteracao alterado atualizado atualizacao actualiza modifica aggiornamento aggiornato
    modifie jour mise anderung geandert aktualisiert gewijzigd wijziging andrad andret endret oppdatert
    paivitetty muokattu zmieniono zmiany aktualizace zmeny izmjene promjene guncelleme degisiklik изменен
    изменения обновлен обновления 最終更新 更新时间 更新日期 변경일""",
    """mis last latest ultima ultimo derniere dernier letzte laatste senaste sist viimeisin a son registration
    последнее 최근 정보""",
)
CREATED: Final = _field(
    """created create creation registered registration register registering activated activation commencement
    assigned inserted approved dateregistered datecreated createddate registrationdate creationdate delegated connected
    reg
    allocated creado creada creacion alta registro registrado registrada activacion ingreso criado criacao
    registo registada cree creee enregistre enregistrement registrazione registrato creazione registriert
    registrierung angelegt erstellt geregistreerd registratie registrerad registreret registrert opprettet
    oprettet skapad rekisteroity luotu utworzono utworzony registrace vytvoreno registracie registracija
    registracije registrovan kayit olusturma inregistrare inregistrat utworzona zarejestrowano dibuat
    pendaftaran ky δημιουργίας καταχώρησης створено зареєстровано создан регистрации зарегистрирован
    登録年月日 登記日期 注册时间 注册日期 註冊日期 创建时间 등록일 생성일""",
    "utc gmt since dang",
)
SERVERS: Final = _field(
    """ns dns nserver nservers nameserver nameservers server servers nsname dnsname dnsnames nsl primnsfqdn
    secns1fqdn secns2fqdn secns3fqdn secns4fqdn serveur
    serveurs servidor servidores namnserver navneserver navneservere namnservrar nimipalvelin nimipalvelimet
    namenserver naamservers servery serwery сервер серверы 네임서버 ネームサーバ 域名服务器""",
    """host hosts hostname hostnames primary secondary tertiary third second fourth fifth sixth master slave
    listed order list details delegation delegated nazwy nombres nomes noms par orden a b c d e f g h serve
    serves authoritative domains dominios ordem servername fqdn handle 호스트이름 차 정보""",
)
DOMAIN: Final = _words(
    """domain; domain name; domainname; complete domain name; nom de domaine; nom domaine; nome de dominio; ace;
    nome do dominio; nombre de dominio; nombre dominio; dominio; dn; query; object; domain name ace;
    ascii domain name; nome dominio; domein; registered domain; domain info; alan adi; name of domain;
    domain ace; idn; domen; domena; domeniu; verkkotunnus; nama domain; ten mien;
    όνομα χώρου; домен; 도메인이름; 域名; ドメイン名""",
    ";",
)
STATUS: Final = _words(
    """status; domain status; record status;
    domaintype; state; domain state; registration status; estado; estado status;
    estado del dominio; estatus; estatus del dominio; stato; statut; etat; dn status; epp status; eppstatus;
    query status; status code; domain status code; situacion; situacao; registrar status; current status;
    registry status; domainstatus; durum; allapot; stav; 상태; 状態; 域名状态; 状态""",
    ";",
)
REGISTRAR: Final = _words(
    """registrar; registrar name; registrar organization; sponsoring registrar;
    sponsoring registrar organization; sponsor; sponsoring registrar name; current registrar; current registar;
    registar;
    registrar company; registrar company name; registering registrar; registration service provider;
    authorized agency; agente registrador; entidad registradora; bureau d enregistrement; regisztrator;
    kayit operatoru; registrador; registrator; rejestrator; rekisterinpitaja; nha dang ky; реєстратор; регистратор;
    註冊商; 注册商; 注册服务机构; 등록대행자""",
    ";",
)
REGISTRAR_ID: Final = _words(
    "registrar iana id; sponsoring registrar iana id; iana id; registrar iana; registrar ianaid", ";"
)


def is_field(key: str) -> bool:
    """Whether a normalised key names one of the fields above: such a key never is the text under another's heading."""
    return key in DOMAIN | STATUS | REGISTRAR or any(field.names(key) for field in (CREATED, EXPIRES, UPDATED, SERVERS))


ABUSE: Final = _words(
    "registrar abuse contact email; abuse contact email; abuse email; registrar abuse email; abuse contact", ";"
)
REFERRAL: Final = _words("registrar whois server; whois server; registrar whois; referral server; whois; refer", ";")
CONTACT: Final = _words(
    """registrant registrants holder holders owner owners admin administrative administrator tech technical
    billing contact contacts person role zone titular titulaire titolare responsible responsable responsavel
    tehnical nichdl hdl handle organisation organization address phone fax email e mail postal reseller
    trademark tm eligibility descr inhaber proprietario dueno haltija contacto contato contatto
    kontakt kontaktperson gestora 등록인 책임자"""
)
"""Words of headings under which dates and names belong to somebody, not to the domain."""

OBJECTS: Final = _words(
    """person role contact holder registrant owner registrar organization organisation org nichdl nsset
    irt mntner admin tech billing titular titulaire responsible contactid contacttype nichdlbr"""
)
"""First keys of blocks that describe a person or a company, whatever else the block holds; spaces left out."""

ASIDE: Final = _words(
    "notice note disclaimer terms conditions copyright remark remarks description url dnssec ds keytag lookup"
)
"""Words of keys whose values are about anything but the registration."""

HELD: Final = _words(
    """active ok registered reserved locked connected live granted paid published delegated inactive suspended hold
    redemption activo ativo actif aktiv"""
)
"""Status values that only a registered or reserved name has."""

TAKEN: Final = _words("registered reserved delegated taken registrado enregistre registriert vergeben")
"""Status values that say so even where the name is not repeated."""

NEUTRAL: Final = _words("domain name information info registrar registration details data record")
"""Words of headings under which the domain itself is described."""

EPP: Final = {
    status.lower(): status
    for status in _spelled(
        """addPeriod autoRenewPeriod clientDeleteProhibited clientHold clientRenewProhibited
        clientTransferProhibited clientUpdateProhibited inactive linked ok pendingCreate pendingDelete
        pendingRenew pendingRestore pendingTransfer pendingUpdate redemptionPeriod renewPeriod
        serverDeleteProhibited serverHold serverRenewProhibited serverTransferProhibited serverUpdateProhibited
        transferPeriod"""
    )
}
