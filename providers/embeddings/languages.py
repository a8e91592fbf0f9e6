"""Does an embedding model read other languages than English by itself? Asked of the model, not of
its name: any hub model or local folder may be set.
"""

from __future__ import annotations

from collections.abc import Callable

from providers.embeddings.base import Embedder
from providers.embeddings.names import is_packaged

# Everyday sentences of support pages, each in English and in languages of four families.
TRANSLATED = (
    ("Your order will arrive on Monday.", "Su pedido llegará el lunes.",
     "Ihre Bestellung kommt am Montag an.", "您的订单将于星期一到达。",
     "Ваш заказ прибудет в понедельник."),
    ("The shop is closed today.", "La tienda está cerrada hoy.",
     "Der Laden ist heute geschlossen.", "商店今天关门。", "Магазин сегодня закрыт."),
    ("Please enter your phone number.", "Introduzca su número de teléfono.",
     "Bitte geben Sie Ihre Telefonnummer ein.", "请输入您的电话号码。", "Введите номер телефона."),
    ("We return your money within two weeks.", "Le devolvemos el dinero en dos semanas.",
     "Wir erstatten Ihr Geld innerhalb von zwei Wochen.", "我们会在两周内退款。",
     "Мы вернём деньги в течение двух недель."),
    ("The battery lasts ten hours.", "La batería dura diez horas.",
     "Der Akku hält zehn Stunden.", "电池可使用十小时。", "Батареи хватает на десять часов."),
    ("Choose a longer password.", "Elija una contraseña más larga.",
     "Wählen Sie ein längeres Passwort.", "请选择更长的密码。", "Выберите пароль длиннее."),
    ("Children under six travel free.", "Los niños menores de seis años viajan gratis.",
     "Kinder unter sechs Jahren reisen kostenlos.", "六岁以下儿童免费乘车。",
     "Дети до шести лет ездят бесплатно."),
    ("The printer is out of paper.", "La impresora no tiene papel.",
     "Der Drucker hat kein Papier mehr.", "打印机没纸了。", "В принтере закончилась бумага."),
)  # fmt: skip
# Of the translations, whose English sentence is the nearest of the eight. The packaged model finds
# .19, the second one all; chance finds an eighth.
ENOUGH = 0.9
_known: dict[str, bool] = {}


def reads_other_languages(name: str, load: Callable[[], Embedder]) -> bool:
    """Say whether a model reads other languages; asked once a process. Raises EmbedderUnavailable.

    The packaged one is known not to, so it is not loaded for this.
    """
    if is_packaged(name):
        return False
    if name not in _known:
        _known[name] = share_found(load()) >= ENOUGH
    return _known[name]


def share_found(embedder: Embedder) -> float:
    """Return for how many translations their English sentence is the nearest, 0..1."""
    english = embedder.embed_documents([row[0] for row in TRANSLATED])
    found = 0
    for number, (_, *others) in enumerate(TRANSLATED):
        nearest = (embedder.embed_documents(others) @ english.T).argmax(axis=1)
        found += int((nearest == number).sum())
    return found / sum(len(row) - 1 for row in TRANSLATED)
