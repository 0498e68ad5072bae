"""What the models of lifetime need of a club's history, gathered in the database: thousands of rows, not a million."""

from odoo.tools import SQL

#: More customers than this are gathered by about equal times and means, each group with its own mean.
MANY = 5_000
#: Times of many customers are gathered in so many steps of the history.
STEPS = 64


def keep_days(reader):
    """Keep the table ``daily``: the days on which each person bought, and the first of them."""
    reader.keep(
        "daily",
        SQL(
            "SELECT DISTINCT member_id, person.first_purchase_on AS first, purchase.day FROM %s purchase "
            "JOIN %s person USING (member_id)",
            reader.table("purchase"),
            reader.table("person"),
        ),
    )


def read_begin(reader):
    """(first day of the club's history, customers) or (``None``, 0)."""
    return reader.env.execute_query(SQL("SELECT MIN(first_purchase_on), COUNT(*) FROM %s", reader.table("person")))[0]


def read_customers(reader, until, end=None):
    """Equal customers once: repeat purchases, days to the last one, days observed up to ``until``, how many, and the
    mean of their purchases after it up to ``end``.

    :param date until: last day of the calibration.
    :param date end: last day of all; without it nothing comes after.
    :rtype: list[tuple[int, float, float, int, float]]
    """
    person = SQL(
        "SELECT purchase_days - 1 AS x, last_purchase_on - first_purchase_on AS t_x, %s - first_purchase_on AS t, "
        "0 AS after FROM %s",
        until,
        reader.table("person"),
    )
    if end:
        person = SQL(
            """
            SELECT COUNT(*) FILTER (WHERE day <= %(until)s) - 1 AS x, MAX(day) FILTER (WHERE day <= %(until)s) - first
                   AS t_x, %(until)s - first AS t, COUNT(*) FILTER (WHERE day > %(until)s AND day <= %(end)s) AS after
              FROM %(daily)s WHERE first <= %(until)s GROUP BY member_id, first
            """,
            until=until,
            end=end,
            daily=reader.table("daily"),
        )
    begin, customers = read_begin(reader)
    step = 1
    if customers > MANY:
        step = -(-max((until - begin).days, 1) // STEPS)
    return reader.env.execute_query(
        SQL(
            """
            SELECT x, AVG(t_x)::float8, AVG(t)::float8, COUNT(*), AVG(after)::float8
              FROM (%(person)s) person GROUP BY x, t_x / %(step)s, t / %(step)s ORDER BY 1, 2, 3
            """,
            person=person,
            step=step,
        )
    )


def read_spend(reader):
    """Of who came back: repeat purchases, their mean, and how many customers are so; many with means of a thousandth.

    :rtype: list[tuple[int, float, int]]
    """
    mean = SQL("(sales - first_sales) / (purchase_days - 1)")
    _begin, customers = read_begin(reader)
    alike = SQL("ROUND(LN((%s)::float8) * 1000)", mean) if customers > MANY else mean
    return reader.env.execute_query(
        SQL(
            """
            SELECT purchase_days - 1, AVG(%(mean)s)::float8, COUNT(*)
              FROM %(person)s WHERE purchase_days > 1 AND sales > first_sales
             GROUP BY purchase_days, %(alike)s ORDER BY 1, 2
            """,
            mean=mean,
            alike=alike,
            person=reader.table("person"),
        )
    )


def read_weeks(reader, begin, until, weeks):
    """First purchases by day, of customers known by ``until``, and their repeat purchases by week since ``begin``.

    :return: (list of (days after ``begin``, customers), dict of week number from 0 to purchases)
    """
    rows = reader.env.execute_query(
        SQL(
            """
            SELECT day = first, CASE WHEN day = first THEN first - %(begin)s ELSE (day - %(begin)s) / 7 END, COUNT(*)
              FROM %(daily)s WHERE first <= %(until)s GROUP BY 1, 2 ORDER BY 1, 2
            """,
            daily=reader.table("daily"),
            begin=begin,
            until=until,
        )
    )
    firsts = [(place, count) for is_first, place, count in rows if is_first]
    return firsts, {place: count for is_first, place, count in rows if not is_first and place < weeks}
