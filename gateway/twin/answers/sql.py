"""SQL that processing jobs read their inputs with."""

from gateway.twin.records import Answer

ATHENA = {
    "orders": (
        "SELECT customer_id, count(*) AS orders, sum(amount) AS revenue\n"
        "FROM orders\n"
        "WHERE order_date >= date_add('day', -90, current_date)\n"
        "GROUP BY customer_id"
    ),
    "customers": (
        "SELECT customer_id, country, plan, date_diff('day', signed_up, current_date) AS age\n"
        "FROM customers\n"
        "WHERE NOT is_test"
    ),
    "products": "SELECT sku, category, price FROM products WHERE discontinued_at IS NULL",
    "sessions": "SELECT * FROM sessions WHERE day > date '2026-01-01'",
}
REDSHIFT = {
    "payments": (
        "SELECT p.payment_id, p.amount, p.currency, m.category\n"
        "FROM payments p JOIN merchants m ON m.merchant_id = p.merchant_id\n"
        "WHERE p.created_at > dateadd(month, -6, getdate())"
    ),
    "merchants": "SELECT merchant_id, category, risk_class FROM merchants",
    "devices": "SELECT device_id, payment_id, fingerprint FROM devices",
    "claims": "SELECT claim_id, payment_id, reason FROM claims WHERE state = 'confirmed'",
}


def athena(table: str) -> str:
    """Return a query against one table of the data lake."""
    return ATHENA[table]


def redshift(table: str) -> Answer:
    """Return a query against one table of the warehouse, with the database that it is in."""
    return {"Database": "dwh", "QueryString": REDSHIFT[table]}
