-- One row per cost of a claim or of a hospital stay, for one bucket.
SELECT
    subject_id, start_date, known_date, source_table, care_setting, service_code, quantity, billed,
    reimbursement_base, reimbursed, reimbursed_complement, exemption_code, flags
FROM cost_line
UNION ALL
SELECT
    subject_id, start_date, known_date, source_table, care_setting, service_code, quantity, billed,
    reimbursement_base, reimbursed, reimbursed_complement, exemption_code, flags
FROM hospital_cost
