-- One row per subject of a bucket, year and expense: the amount in the costs of the release, for
-- the years that are compared. Lines for information and lines that the PMSI records too are left
-- out.
SELECT
    year(cost.start_date) AS year, asked.expense, cost.subject_id,
    CAST(sum(coalesce(cost.reimbursed, 0) + coalesce(cost.reimbursed_complement, 0)) AS DECIMAL(18, 5))
        AS amount
FROM released_cost AS cost
INNER JOIN expense_service AS asked ON asked.service = cost.service_code
WHERE cost.flags IS NULL AND year(cost.start_date) IN (SELECT year FROM reported_expense)
GROUP BY year(cost.start_date), asked.expense, cost.subject_id
