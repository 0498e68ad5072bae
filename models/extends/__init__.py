from . import (
    loyalty_card,
    loyalty_history,
    loyalty_program,
    payment_transaction,
    sale_order,
    sale_order_line,
)
