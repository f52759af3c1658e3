"""Words: plurals, snake_case, and a small glossary that turns other languages into English.

All of it is data with a few lines of rules. The glossary goes word by word; that is enough to find
nouns, fields and verbs, and no more is claimed.
"""

# ruff: noqa: E501, SIM905 - long lists and sentences read better unbroken

from __future__ import annotations

import keyword
import re
import sys

__all__ = ["english", "package_name", "plural", "singular", "slug"]

_IRREGULAR = {
    "person": "people",
    "child": "children",
    "man": "men",
    "woman": "women",
    "mouse": "mice",
    "foot": "feet",
    "tooth": "teeth",
    "knife": "knives",
    "shelf": "shelves",
    "life": "lives",
    "leaf": "leaves",
    "quiz": "quizzes",
    "bus": "buses",
    "gas": "gases",
    "datum": "data",
    "fungus": "fungi",
    "cactus": "cacti",
    "bonus": "bonuses",
    "status": "statuses",
}
_SINGULAR = {many: one for one, many in _IRREGULAR.items()}
_SAME = frozenset(
    "series species news fish sheep equipment furniture luggage music software hardware money stock "
    "income homework feedback data inventory staff clothing jewelry jewellery".split()
)
_NO_PLURAL = frozenset(
    "address progress business class glass process dress boss loss pass mass access fitness illness "
    "status bus gas bonus campus virus corpus lens canvas analysis basis diagnosis tennis chess "
    "expenses_total isbn sos gps cms yes is this his was has as its us plus minus always".split()
)


def plural(noun: str) -> str:
    """Return the plural of an English noun; of the last part of a snake_case name."""
    head, joint, last = noun.rpartition("_")
    if last in _IRREGULAR:
        last = _IRREGULAR[last]
    elif last in _SAME:
        last += "_entries" if last in ("series", "news", "species") else "_items"
    elif re.search(r"(s|x|z|ch|sh)$", last):
        last += "es"
    elif re.search(r"[^aeiou]y$", last):
        last = last[:-1] + "ies"
    else:
        last += "s"
    return f"{head}{joint}{last}"


def singular(noun: str) -> str:
    """Return the singular of an English noun; a noun that is singular stays as it is."""
    head, joint, last = noun.rpartition("_")
    if last in _SINGULAR:
        last = _SINGULAR[last]
    elif last in _SAME or last in _NO_PLURAL or len(last) < 4 or last.endswith("ss"):
        pass
    elif last in ("movies", "cookies", "ties", "pies", "calories", "zombies", "selfies"):
        last = last[:-1]
    elif last.endswith("ies"):
        last = last[:-3] + "y"
    elif re.search(r"(sses|xes|zes|ches|shes|uses)$", last) and last not in ("houses", "causes"):
        last = last[:-2]
    elif last.endswith("s"):
        last = last[:-1]
    return f"{head}{joint}{last}"


def slug(phrase: str) -> str:
    """Return the phrase as a snake_case name of ASCII letters and digits, maybe empty."""
    folded = phrase.lower().translate(
        str.maketrans("äöüéèêëáàâíìîïóòôúùûñçå", "aoueeeeaaaiiiiooouuunca")
    )
    name = re.sub(r"[^a-z0-9]+", "_", folded.replace("ß", "ss").replace("'s", "")).strip("_")
    return re.sub(r"^[0-9_]+", "", name)


_TAKEN = frozenset({"tests", "test", "docs", "metaco", "pytest", "con", "nul", "aux", "prn", "src"})


def package_name(phrase: str, otherwise: str = "records") -> str:
    """Return a package name that is valid, short and hides no module of the standard library."""
    parts = slug(phrase).split("_")
    name = parts[0]
    for part in parts[1:]:
        if len(name) + len(part) >= 28:
            break
        name += f"_{part}"
    name = name[:28].strip("_") or otherwise
    taken = name in sys.stdlib_module_names or name in _TAKEN
    if taken or keyword.iskeyword(name) or keyword.issoftkeyword(name):
        name += "_book"
    return name


# Function words decide the language; only then its glossary is used, because "die" is also English.
_SIGNS = {
    "de": "der die das und mit für eine einen ein meine meiner mein ich nach von pro alle zum zur",
    "fr": "le la les et avec une pour mes mon ma des je du qui que par en un gérer",
    "es": "el los las y con una para mis mi de un por que del mis gestionar quiero lista",
}
_GLOSSARY = {
    "de": """
        und:and mit:with für:for ein:a eine:a einen:a einer:a eines:a der:the die:the das:the den:the
        dem:the des:the mein:my meine:my meinen:my meiner:my meines:my ich:i nach:by von:of pro:per
        oder:or alle:all jede:each jeder:each jedes:each zum:for zur:for möchte:want will:want
        brauche:need programm:program anwendung:app verwaltung:manager verwalten:manage
        verwalte:manage verwaltet:manages erfassen:track erfasse:track verfolgen:track liste:list
        suche:search suchen:search sortieren:sort filtern:filter bericht:report berichte:reports
        monatlich:monthly monat:month monatliche:monthly monatlicher:monthly übersicht:summary
        auswertung:report aufgabe:task aufgaben:tasks aufgabenliste:todo todoliste:todo
        ausgabe:expense ausgaben:expenses haushaltsbuch:expenses einnahmen:income lager:inventory
        lagerverwaltung:inventory lagerbestand:inventory bestand:stock artikel:items
        bibliothek:library bücherei:library buch:book bücher:books büchern:books kunde:customer
        kunden:customers mitglied:member mitglieder:members ausleihe:loan ausleihen:loans
        kontakte:contacts kontakt:contact adressbuch:contacts termine:appointments termin:appointment
        buchungen:bookings buchung:booking raum:room räume:rooms rezepte:recipes rezept:recipe
        rezepten:recipes kochbuch:recipes schüler:students student:student studenten:students
        noten:grades note:grade gewohnheiten:habits gewohnheit:habit filme:movies film:movie
        notizen:notes notiz:note zeiterfassung:timesheet stunden:hours projekt:project
        projekte:projects rechnungen:invoices rechnung:invoice pflanzen:plants pflanze:plant
        haustiere:pets tier:pet tiere:pets wein:wine weine:wines weinkeller:wine_cellar
        weinsammlung:wine_collection sammlung:collection sammeln:collect training:workout
        einkaufsliste:shopping_list bestellung:order bestellungen:orders lieferdatum:delivery_date
        betrag:amount kategorie:category kategorien:categories datum:date titel:title name:name
        fällig:due fälligkeit:due_date fälligkeitsdatum:due_date priorität:priority preis:price
        menge:quantity anzahl:quantity autor:author jahr:year jahrgang:vintage bewertung:rating
        beschreibung:description adresse:address telefon:phone telefonnummer:phone geburtstag:birthday
        spende:donation spenden:donations spender:donor zweck:purpose summe:total summen:totals
        negative:negative ablehnen:reject zurückweisen:reject größten:biggest größte:biggest
        höchsten:highest teuersten:most_expensive billigsten:cheapest neuesten:latest letzten:last
        zwei:two drei:three vier:four fünf:five sechs:six sieben:seven acht:eight neun:nine zehn:ten
        zwanzig:twenty beträge:amounts unser:our unsere:our unserer:our unserem:our unseres:our
        darf:may dürfen:may muss:must müssen:must nicht:not sein:be leer:empty anonym:anonymous
        zukunft:future vergangenheit:past pflichtfeld:required eindeutig:unique ist:is sind:are
        welche:which wer:who hat:has haben:have zurückgegeben:returned abgegeben:handed_in kosten:cost
        reparatur:repair reparaturen:repairs mieter:tenants miete:rent wohnung:apartment wohnungen:apartments
        zahlung:payment zahlungen:payments verkauf:sale verkäufe:sales verein:club vereins:club
        beitrag:fee verwaltet:manages jahr:year woche:week tag:day tage:days
        tagen:days nächsten:next sortiert:sorted nach:by ja:yes nein:no markieren:mark anzeigen:show
        lieferant:supplier lieferanten:suppliers gast:guest gäste:guests einen:a brauchen:need
        dauer:duration ort:place bemerkung:notes bemerkungen:notes zutaten:ingredients
        zubereitung:instructions erledigt:done gelesen:read offen:open hoch:high mittel:medium
        niedrig:low bezahlt:paid anbaugebiet:region besten:best beste:best zeige:show zeigen:show
        exportieren:export importieren:import als:as spiel:game rechner:calculator farbe:color
        größe:size gewicht:weight fahrzeug:vehicle tagebuch:journal geburtstage:birthdays
        pro:per stimmung:mood anzeigen:show text:text überfällig:overdue überfällige:overdue durchschnitt:average
    """,
    "fr": """
        et:and avec:with pour:for un:a une:a le:the la:the les:the des:of de:of du:of mes:my mon:my
        ma:my je:i par:by ou:or gérer:manage gestion:manager suivre:track suivi:track application:app
        programme:program logiciel:app liste:list rechercher:search chercher:search trier:sort
        filtrer:filter rapport:report rapports:reports mensuel:monthly mensuels:monthly mois:month
        tâches:tasks tâche:task dépenses:expenses dépense:expense inventaire:inventory stock:stock
        bibliothèque:library livres:books livre:book membres:members prêts:loans emprunts:loans
        contacts:contacts rendez-vous:appointments réservations:bookings salle:room salles:rooms
        recettes:recipes recette:recipe élèves:students étudiants:students notes:notes
        habitudes:habits films:movies film:movie temps:time projets:projects factures:invoices
        plantes:plants vin:wine vins:wines cave:cellar clients:customers client:customer
        commandes:orders montant:amount catégorie:category titre:title nom:name échéance:due_date
        priorité:priority prix:price quantité:quantity auteur:author année:year adresse:address
        téléphone:phone anniversaire:birthday durée:duration lieu:place ingrédients:ingredients
        réparation:repair réparations:repairs vélo:bike vélos:bikes voiture:car voitures:cars
        payé:paid payée:paid payés:paid oui:yes non:no veux:want voudrais:want besoin:need mes:my
        total:total exporter:export en:as dons:donations don:donation donateur:donor but:purpose
        vente:sale ventes:sales paiement:payment paiements:payments loyer:rent locataire:tenant
        locataires:tenants quantité:quantity fournisseur:supplier fournisseurs:suppliers
        jour:day semaine:week plus:most dix:ten cinq:five trois:three doit:must doivent:must
        pas:not être:be vide:empty unique:unique négatif:negative futur:future
        atelier:workshop nous:we notre:our nos:our chaque:each qui:who marquer:mark comme:as
        jeu:game courses:shopping_list haute:high moyenne:medium basse:low exporter:export
        importer:import meilleurs:best région:region description:description
    """,
    "es": """
        y:and con:with para:for un:a una:a el:the la:the los:the las:the de:of del:of mis:my mi:my
        por:by o:or quiero:want gestionar:manage gestión:manager gestor:manager controlar:track
        registrar:track seguimiento:track aplicación:app programa:program lista:list buscar:search
        ordenar:sort filtrar:filter informe:report informes:reports mensual:monthly mensuales:monthly
        mes:month tareas:tasks tarea:task gastos:expenses gasto:expense ingresos:income
        inventario:inventory almacén:inventory existencias:stock productos:products
        biblioteca:library libros:books libro:book socios:members préstamos:loans
        contactos:contacts citas:appointments reservas:bookings sala:room salas:rooms
        recetas:recipes receta:recipe alumnos:students estudiantes:students notas:notes
        calificaciones:grades hábitos:habits películas:movies película:movie tiempo:time
        proyectos:projects facturas:invoices plantas:plants vino:wine vinos:wines bodega:cellar
        clientes:customers cliente:customer pedidos:orders pedido:order importe:amount monto:amount
        cantidad:quantity categoría:category fecha:date título:title nombre:name vencimiento:due_date
        prioridad:priority precio:price autor:author año:year dirección:address teléfono:phone
        venta:sale ventas:sales producto:product pago:payment pagos:payments alquiler:rent
        inquilino:tenant inquilinos:tenants donación:donation donaciones:donations donante:donor
        proveedor:supplier proveedores:suppliers reparación:repair reparaciones:repairs
        pagado:paid pagada:paid sí:yes necesito:need nuestro:our nuestra:our nuestros:our
        día:day semana:week diez:ten cinco:five tres:three debe:must deben:must ser:be vacío:empty
        único:unique negativo:negative negativos:negative futuro:future cada:each quién:who marcar:mark como:as
        cumpleaños:birthday duración:duration lugar:place ingredientes:ingredients juego:game
        compras:shopping_list alta:high media:medium baja:low exportar:export importar:import
        mejores:best región:region descripción:description
    """,
}
_CHINESE = """
    待办事项:todo 待办:todo 任务:tasks 清单:list 记账:expenses 支出:expenses 费用:expenses 开销:expenses
    收入:income 预算:budget 库存:inventory 仓库:inventory 图书馆:library 图书:books 书籍:books 借阅:loans
    借书:loans 会员:members 联系人:contacts 通讯录:contacts 预约:appointments 预订:bookings 会议室:rooms
    菜谱:recipes 食谱:recipes 学生:students 成绩:grades 习惯:habits 健身:workouts 锻炼:workouts
    电影:movies 笔记:notes 日记:journal 工时:timesheet 发票:invoices 植物:plants 宠物:pets 葡萄酒:wines
    客户:customers 订单:orders 产品:products 商品:products 购物清单:shopping_list 书签:bookmarks
    管理:manage 记录:track 程序:program 系统:app 应用:app 工具:tool 金额:amount 类别:category
    分类:category 日期:date 标题:title 名称:name 姓名:name 截止日期:due_date 截止:due_date 优先级:priority 价格:price
    数量:quantity 作者:author 年份:year 评分:rating 地址:address 电话:phone 邮箱:email 生日:birthday
    备注:notes 描述:description 状态:status 每月:monthly 月度:monthly 报表:reports 报告:report
    统计:statistics 搜索:search 查询:search 筛选:filter 排序:sort 导出:export 导入:import 添加:add
    删除:delete 编辑:edit 修改:edit 查看:show 列表:list 和:and 与:and 及:and 、:, ，:, 。:. ；:; ：:: （:( ）:)
    跑步:runs 距离:distance 公里:km 时间:duration 心情:mood 总距离:total_distance 每月总距离:total_distance_per_month
    每月总:monthly_total_ 每年:per_year 每天:per_day 捐款:donations 捐赠:donations 捐款人:donor 捐赠者:donor 用途:purpose
    租金:rent 租客:tenant 付款:payments 供应商:suppliers 员工:employees 车辆:vehicles 维修:repairs 销售:sales
    总额:total 总计:total 平均:average 最大的:biggest 最新的:latest 不能为空:_must_not_be_empty 唯一:unique 已付:paid
    带有:with 包括:with 包含:with 具有:with 按:by 我的:my 一个:a 的:_of_ 写:write 做:make 游戏:game 计算器:calculator
"""


def _pairs(table: str) -> dict[str, str]:
    pairs = (entry.split(":", 1) for entry in table.split())
    return {word: meaning.replace("_", " ") for word, meaning in pairs}


_WORDS = {language: _pairs(table) for language, table in _GLOSSARY.items()}
_HAN = _pairs(_CHINESE)
_HAN_PATTERN = re.compile("|".join(sorted(map(re.escape, _HAN), key=len, reverse=True)))


def english(text: str) -> tuple[str, str]:
    """Return the text with the words of the glossary in English, and its language as en, de, zh.

    Words that the glossary does not hold stay as they are.
    """
    if re.search(r"[一-鿿]", text):
        return _HAN_PATTERN.sub(lambda found: f" {_HAN[found[0]]} ", text).replace(
            " of ", " "
        ), "zh"
    words = re.findall(r"[^\W\d_]+", text.lower())
    votes = {lang: sum(word in signs.split() for word in words) for lang, signs in _SIGNS.items()}
    distinct = {lang: sum(word in _WORDS[lang] for word in words) for lang in _SIGNS}
    plain = sum(
        word in ("the", "a", "an", "and", "with", "of", "to", "my", "for", "i") for word in words
    )
    language = max(_SIGNS, key=lambda lang: (distinct[lang] + votes[lang], lang))
    if distinct[language] <= max(plain, len(words) // 4) or not words:
        return text, "en"
    glossary = _WORDS[language]

    def meaning(found: re.Match[str]) -> str:
        return glossary.get(found[0].lower(), found[0])

    return re.sub(r"[^\W\d_]+(?:-[^\W\d_]+)?", meaning, text), language
