{
    "name": "Customer Club: Plant Care (test only)",
    "summary": "Shows what another addon can add to the club without copying a method: a way to earn and a condition",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tests",
    "author": "Customer Club contributors",
    "license": "LGPL-3",
    "depends": ["customer_club"],
    "data": ["security/ir.model.access.csv"],
}
