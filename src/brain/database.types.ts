// Generated from the schema by `npm run types:generate`; not written by hand.
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = {
  
  "codered": {
          Tables: {
            "access_checks": {
                  Row: {
                    "checked_at": string | null,"created_at": string,"doubted_at": string | null,"due_at": string,"last_seen_at": string | null,"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "checked_at"?: string | null,"created_at"?: string,"doubted_at"?: string | null,"due_at"?: string,"last_seen_at"?: string | null,"updated_at"?: string,"user_id": string
                  }
                  Update: {
                    "checked_at"?: string | null,"created_at"?: string,"doubted_at"?: string | null,"due_at"?: string,"last_seen_at"?: string | null,"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "access_checks_user_id_fkey"
      columns: ["user_id"]
isOneToOne: true
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"access_notices": {
                  Row: {
                    "created_at": string,"github_user_id": number | null,"id": string,"kind": string,"org_id": string | null,"repository_id": number | null,"told_at": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"github_user_id"?: number | null,"id"?: string,"kind": string,"org_id"?: string | null,"repository_id"?: number | null,"told_at": string,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"github_user_id"?: number | null,"id"?: string,"kind"?: string,"org_id"?: string | null,"repository_id"?: number | null,"told_at"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "access_notices_org_id_fkey"
      columns: ["org_id"]
isOneToOne: false
      referencedRelation: "orgs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "access_notices_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"agent_jobs": {
                  Row: {
                    "agent_type": string,"answers": Json | null,"attempts": number,"cancel_requested_at": string | null,"celery_task_id": string | null,"claim_number": number,"claimed_at": string | null,"claimed_by": string | null,"completed_at": string | null,"created_at": string,"dedupe_key": string | null,"error": string | null,"finishing_answer": Json | null,"finishing_hash": string | null,"id": string,"input": NonNullable<Json>,"interruptions": number,"is_apps": boolean,"locked_by": string | null,"locked_until": string | null,"max_attempts": number,"parent_job_id": string | null,"progress": number,"progress_note": string | null,"project_id": string | null,"questions": Json | null,"releases": number,"result": Json | null,"run_after": string,"started_at": string | null,"status": string,"updated_at": string,"user_id": string | null,"agent_of_job": {
              "allowed_zones": (string)[],
"config_yaml_path": string | null,
"cost_ceiling_usd": number | null,
"created_at": string,
"default_model": string | null,
"description": string | null,
"id": string,
"long_horizon_allowed": boolean,
"max_tokens": number | null,
"model_id": string | null,
"name": string,
"repository_id": number | null,
"role": string,
"slug": string,
"temperature": number | null,
"updated_at": string
            } | null,"answers_of_job": Json | null,"describe_job_input": Json | null,"documents_of_job": Json | null,"ensure_agent": {
              "allowed_zones": (string)[],
"config_yaml_path": string | null,
"cost_ceiling_usd": number | null,
"created_at": string,
"default_model": string | null,
"description": string | null,
"id": string,
"long_horizon_allowed": boolean,
"max_tokens": number | null,
"model_id": string | null,
"name": string,
"repository_id": number | null,
"role": string,
"slug": string,
"temperature": number | null,
"updated_at": string
            } | null,"may_work_on": boolean | null,"prompt_of_job": string | null,"results_before": {
              "agent_type": string,"result": Json
            } | null,"spec_of_job": {
              "artifact_type": string | null,
"branch": string | null,
"content": string | null,
"cost_profile": NonNullable<Json>,
"created_at": string,
"created_by": string | null,
"created_by_user_id": string | null,
"document_bytes": number | null,
"document_sha256": string | null,
"id": string,
"intent_schema": NonNullable<Json>,
"is_active": boolean,
"object_path": string | null,
"object_stored_at": string | null,
"output_formats": (string)[],
"output_guarantees": NonNullable<Json>,
"project_id": string | null,
"published_at": string | null,
"qa_config": NonNullable<Json>,
"repo": string | null,
"sha": string | null,
"stages": NonNullable<Json>,
"storage_path": string | null,
"template_id": string | null,
"updated_at": string,
"version": string | null,
"version_hash": string | null,
"visibility": string
            } | null,"task_of_job": {
              "acceptance_criteria": (string)[],
"assignee_agent_id": string | null,
"assignee_human": string | null,
"completed_at": string | null,
"constraints": NonNullable<Json>,
"created_at": string,
"deleted_at": string | null,
"dependencies": (string)[],
"description": string | null,
"due_date": string | null,
"id": string,
"impact_axes": (string)[],
"locked_at": string | null,
"locked_by": string | null,
"milestone_id": string | null,
"parent_task_id": string | null,
"priority": number,
"project_id": string,
"size": string | null,
"status": string,
"title": string,
"updated_at": string,
"user_id": string | null,
"zone": string
            } | null
                  }
                  ComputedFields: "agent_of_job" | "answers_of_job" | "describe_job_input" | "documents_of_job" | "ensure_agent" | "may_work_on" | "prompt_of_job" | "results_before" | "spec_of_job" | "task_of_job"
                  Insert: {
                    "agent_type": string,"answers"?: Json | null,"attempts"?: number,"cancel_requested_at"?: string | null,"celery_task_id"?: string | null,"claim_number"?: number,"claimed_at"?: string | null,"claimed_by"?: string | null,"completed_at"?: string | null,"created_at"?: string,"dedupe_key"?: string | null,"error"?: string | null,"finishing_answer"?: Json | null,"finishing_hash"?: string | null,"id"?: string,"input"?: NonNullable<Json>,"interruptions"?: number,"is_apps": boolean,"locked_by"?: string | null,"locked_until"?: string | null,"max_attempts"?: number,"parent_job_id"?: string | null,"progress"?: number,"progress_note"?: string | null,"project_id"?: string | null,"questions"?: Json | null,"releases"?: number,"result"?: Json | null,"run_after"?: string,"started_at"?: string | null,"status"?: string,"updated_at"?: string,"user_id"?: string | null
                  }
                  Update: {
                    "agent_type"?: string,"answers"?: Json | null,"attempts"?: number,"cancel_requested_at"?: string | null,"celery_task_id"?: string | null,"claim_number"?: number,"claimed_at"?: string | null,"claimed_by"?: string | null,"completed_at"?: string | null,"created_at"?: string,"dedupe_key"?: string | null,"error"?: string | null,"finishing_answer"?: Json | null,"finishing_hash"?: string | null,"id"?: string,"input"?: NonNullable<Json>,"interruptions"?: number,"is_apps"?: boolean,"locked_by"?: string | null,"locked_until"?: string | null,"max_attempts"?: number,"parent_job_id"?: string | null,"progress"?: number,"progress_note"?: string | null,"project_id"?: string | null,"questions"?: Json | null,"releases"?: number,"result"?: Json | null,"run_after"?: string,"started_at"?: string | null,"status"?: string,"updated_at"?: string,"user_id"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "agent_jobs_claimed_by_fkey"
      columns: ["claimed_by"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "agent_jobs_parent_job_id_fkey"
      columns: ["parent_job_id"]
isOneToOne: false
      referencedRelation: "agent_jobs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "agent_jobs_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "agent_jobs_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"agent_runs": {
                  Row: {
                    "agent_id": string,"approx_cost_usd": number | null,"created_at": string,"duration_ms": number | null,"error_message": string | null,"full_input": string | null,"full_output": string | null,"id": string,"input_summary": string | null,"is_self_reported": boolean,"job_id": string | null,"mode": string | null,"model": string | null,"model_id": string | null,"output_summary": string | null,"project_id": string,"rag_documents": (string)[] | null,"reported_by": string | null,"status": string,"task_id": string | null,"tokens_completion": number | null,"tokens_prompt": number | null,"tools_used": (string)[] | null,"updated_at": string,"zones_touched": (string)[] | null
                  }
                  ComputedFields: never
                  Insert: {
                    "agent_id": string,"approx_cost_usd"?: number | null,"created_at"?: string,"duration_ms"?: number | null,"error_message"?: string | null,"full_input"?: string | null,"full_output"?: string | null,"id"?: string,"input_summary"?: string | null,"is_self_reported"?: boolean,"job_id"?: string | null,"mode"?: string | null,"model"?: string | null,"model_id"?: string | null,"output_summary"?: string | null,"project_id": string,"rag_documents"?: (string)[] | null,"reported_by"?: string | null,"status": string,"task_id"?: string | null,"tokens_completion"?: number | null,"tokens_prompt"?: number | null,"tools_used"?: (string)[] | null,"updated_at"?: string,"zones_touched"?: (string)[] | null
                  }
                  Update: {
                    "agent_id"?: string,"approx_cost_usd"?: number | null,"created_at"?: string,"duration_ms"?: number | null,"error_message"?: string | null,"full_input"?: string | null,"full_output"?: string | null,"id"?: string,"input_summary"?: string | null,"is_self_reported"?: boolean,"job_id"?: string | null,"mode"?: string | null,"model"?: string | null,"model_id"?: string | null,"output_summary"?: string | null,"project_id"?: string,"rag_documents"?: (string)[] | null,"reported_by"?: string | null,"status"?: string,"task_id"?: string | null,"tokens_completion"?: number | null,"tokens_prompt"?: number | null,"tools_used"?: (string)[] | null,"updated_at"?: string,"zones_touched"?: (string)[] | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "agent_runs_agent_id_fkey"
      columns: ["agent_id"]
isOneToOne: false
      referencedRelation: "agents"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "agent_runs_job_id_fkey"
      columns: ["job_id"]
isOneToOne: false
      referencedRelation: "agent_jobs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "agent_runs_model_id_fkey"
      columns: ["model_id"]
isOneToOne: false
      referencedRelation: "models"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "agent_runs_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "agent_runs_reported_by_fkey"
      columns: ["reported_by"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "agent_runs_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "active_tasks"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "agent_runs_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "task_progress"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "agent_runs_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["id"]
    }
                  ]
                },"agent_sessions": {
                  Row: {
                    "created_at": string,"ended_at": string | null,"id": string,"notes": number,"project_id": string,"snapshot": NonNullable<Json>,"summary": string | null,"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"ended_at"?: string | null,"id"?: string,"notes"?: number,"project_id": string,"snapshot"?: NonNullable<Json>,"summary"?: string | null,"updated_at"?: string,"user_id"?: string
                  }
                  Update: {
                    "created_at"?: string,"ended_at"?: string | null,"id"?: string,"notes"?: number,"project_id"?: string,"snapshot"?: NonNullable<Json>,"summary"?: string | null,"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "agent_sessions_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "agent_sessions_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"agents": {
                  Row: {
                    "allowed_zones": (string)[],"config_yaml_path": string | null,"cost_ceiling_usd": number | null,"created_at": string,"default_model": string | null,"description": string | null,"id": string,"long_horizon_allowed": boolean,"max_tokens": number | null,"model_id": string | null,"name": string,"repository_id": number | null,"role": string,"slug": string,"temperature": number | null,"updated_at": string,"zones_allowed_to": (string)[] | null
                  }
                  ComputedFields: "zones_allowed_to"
                  Insert: {
                    "allowed_zones"?: (string)[],"config_yaml_path"?: string | null,"cost_ceiling_usd"?: number | null,"created_at"?: string,"default_model"?: string | null,"description"?: string | null,"id"?: string,"long_horizon_allowed"?: boolean,"max_tokens"?: number | null,"model_id"?: string | null,"name": string,"repository_id"?: number | null,"role": string,"slug": string,"temperature"?: number | null,"updated_at"?: string
                  }
                  Update: {
                    "allowed_zones"?: (string)[],"config_yaml_path"?: string | null,"cost_ceiling_usd"?: number | null,"created_at"?: string,"default_model"?: string | null,"description"?: string | null,"id"?: string,"long_horizon_allowed"?: boolean,"max_tokens"?: number | null,"model_id"?: string | null,"name"?: string,"repository_id"?: number | null,"role"?: string,"slug"?: string,"temperature"?: number | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "agents_model_id_fkey"
      columns: ["model_id"]
isOneToOne: false
      referencedRelation: "models"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "agents_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"allowed_accounts": {
                  Row: {
                    "account_id": number,"created_at": string,"login": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "account_id": number,"created_at"?: string,"login": string,"updated_at"?: string
                  }
                  Update: {
                    "account_id"?: number,"created_at"?: string,"login"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"artifacts": {
                  Row: {
                    "artifact_type": string | null,"ci_event_id": string | null,"content": string | null,"content_hash": string | null,"content_type": string | null,"created_at": string,"file_name": string | null,"file_path": string | null,"gate_execution_id": string | null,"gate_id": string | null,"github_artifact_id": number | null,"id": string,"kind": string,"made_at": string | null,"project_id": string | null,"ref": string | null,"run_id": string | null,"size_bytes": number | null,"storage_path": string | null,"summary": string | null,"task_id": string | null,"updated_at": string,"url": string | null,"user_id": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "artifact_type"?: string | null,"ci_event_id"?: string | null,"content"?: string | null,"content_hash"?: string | null,"content_type"?: string | null,"created_at"?: string,"file_name"?: string | null,"file_path"?: string | null,"gate_execution_id"?: string | null,"gate_id"?: string | null,"github_artifact_id"?: number | null,"id"?: string,"kind"?: string,"made_at"?: string | null,"project_id"?: string | null,"ref"?: string | null,"run_id"?: string | null,"size_bytes"?: number | null,"storage_path"?: string | null,"summary"?: string | null,"task_id"?: string | null,"updated_at"?: string,"url"?: string | null,"user_id"?: string | null
                  }
                  Update: {
                    "artifact_type"?: string | null,"ci_event_id"?: string | null,"content"?: string | null,"content_hash"?: string | null,"content_type"?: string | null,"created_at"?: string,"file_name"?: string | null,"file_path"?: string | null,"gate_execution_id"?: string | null,"gate_id"?: string | null,"github_artifact_id"?: number | null,"id"?: string,"kind"?: string,"made_at"?: string | null,"project_id"?: string | null,"ref"?: string | null,"run_id"?: string | null,"size_bytes"?: number | null,"storage_path"?: string | null,"summary"?: string | null,"task_id"?: string | null,"updated_at"?: string,"url"?: string | null,"user_id"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "artifacts_ci_event_id_fkey"
      columns: ["ci_event_id"]
isOneToOne: false
      referencedRelation: "ci_events"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_gate_execution_id_fkey"
      columns: ["gate_execution_id"]
isOneToOne: false
      referencedRelation: "gate_executions"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_gate_execution_id_fkey"
      columns: ["gate_execution_id"]
isOneToOne: false
      referencedRelation: "run_gate_timeline"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_run_id_fkey"
      columns: ["run_id"]
isOneToOne: false
      referencedRelation: "active_runs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_run_id_fkey"
      columns: ["run_id"]
isOneToOne: false
      referencedRelation: "runs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "active_tasks"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "task_progress"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"asked_rights": {
                  Row: {
                    "action": string,"asked_at": string,"client_id": string | null,"commit_sha": string,"created_at": string,"id": string,"login": string,"made_by": string,"made_through": string,"pull_request_number": number,"repository_id": number,"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "action": string,"asked_at": string,"client_id"?: string | null,"commit_sha": string,"created_at"?: string,"id"?: string,"login": string,"made_by": string,"made_through": string,"pull_request_number": number,"repository_id": number,"updated_at"?: string,"user_id": string
                  }
                  Update: {
                    "action"?: string,"asked_at"?: string,"client_id"?: string | null,"commit_sha"?: string,"created_at"?: string,"id"?: string,"login"?: string,"made_by"?: string,"made_through"?: string,"pull_request_number"?: number,"repository_id"?: number,"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "asked_rights_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "asked_rights_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"backfills": {
                  Row: {
                    "claim": number,"counts": NonNullable<Json>,"created_at": string,"done_to": string | null,"due_at": string,"error": string | null,"failures": number,"finished_at": string | null,"id": string,"locked_by": string | null,"locked_until": string | null,"missing": NonNullable<Json>,"phase": string,"reason": string,"repository_id": number,"since": string,"state": string,"until": string | null,"updated_at": string,"with_jobs": boolean,"with_logs": boolean
                  }
                  ComputedFields: never
                  Insert: {
                    "claim"?: number,"counts"?: NonNullable<Json>,"created_at"?: string,"done_to"?: string | null,"due_at"?: string,"error"?: string | null,"failures"?: number,"finished_at"?: string | null,"id"?: string,"locked_by"?: string | null,"locked_until"?: string | null,"missing"?: NonNullable<Json>,"phase"?: string,"reason": string,"repository_id": number,"since": string,"state"?: string,"until"?: string | null,"updated_at"?: string,"with_jobs"?: boolean,"with_logs"?: boolean
                  }
                  Update: {
                    "claim"?: number,"counts"?: NonNullable<Json>,"created_at"?: string,"done_to"?: string | null,"due_at"?: string,"error"?: string | null,"failures"?: number,"finished_at"?: string | null,"id"?: string,"locked_by"?: string | null,"locked_until"?: string | null,"missing"?: NonNullable<Json>,"phase"?: string,"reason"?: string,"repository_id"?: number,"since"?: string,"state"?: string,"until"?: string | null,"updated_at"?: string,"with_jobs"?: boolean,"with_logs"?: boolean
                  }
                  Relationships: [
                    {
      foreignKeyName: "backfills_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"bug_patterns": {
                  Row: {
                    "category": string,"created_at": string,"deleted_at": string | null,"description": string | null,"docs_url": string | null,"enabled": boolean,"hits": number,"id": string,"kind": string,"last_hit_at": string | null,"name": string,"pattern_signature": string,"pick": string,"position": number,"priority": number,"project_id": string | null,"rank": string,"recommended_fix": string,"related_lessons": (string)[] | null,"root_cause": string,"severity": string,"source": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "category"?: string,"created_at"?: string,"deleted_at"?: string | null,"description"?: string | null,"docs_url"?: string | null,"enabled"?: boolean,"hits"?: number,"id"?: string,"kind"?: string,"last_hit_at"?: string | null,"name": string,"pattern_signature": string,"pick"?: string,"position"?: number,"priority"?: number,"project_id"?: string | null,"rank"?: string,"recommended_fix": string,"related_lessons"?: (string)[] | null,"root_cause": string,"severity"?: string,"source"?: string,"updated_at"?: string
                  }
                  Update: {
                    "category"?: string,"created_at"?: string,"deleted_at"?: string | null,"description"?: string | null,"docs_url"?: string | null,"enabled"?: boolean,"hits"?: number,"id"?: string,"kind"?: string,"last_hit_at"?: string | null,"name"?: string,"pattern_signature"?: string,"pick"?: string,"position"?: number,"priority"?: number,"project_id"?: string | null,"rank"?: string,"recommended_fix"?: string,"related_lessons"?: (string)[] | null,"root_cause"?: string,"severity"?: string,"source"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "bug_patterns_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"checkpoints": {
                  Row: {
                    "created_at": string,"id": string,"label": string,"project_id": string,"repo_ref": string | null,"resume_instructions": string | null,"snapshot": NonNullable<Json>,"summary": string | null,"updated_at": string,"user_id": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"id"?: string,"label": string,"project_id": string,"repo_ref"?: string | null,"resume_instructions"?: string | null,"snapshot"?: NonNullable<Json>,"summary"?: string | null,"updated_at"?: string,"user_id"?: string | null
                  }
                  Update: {
                    "created_at"?: string,"id"?: string,"label"?: string,"project_id"?: string,"repo_ref"?: string | null,"resume_instructions"?: string | null,"snapshot"?: NonNullable<Json>,"summary"?: string | null,"updated_at"?: string,"user_id"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "checkpoints_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "checkpoints_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"chores": {
                  Row: {
                    "created_at": string,"due_at": string,"ended_at": string | null,"last_error": string | null,"locked_by": string | null,"locked_until": string | null,"name": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"due_at"?: string,"ended_at"?: string | null,"last_error"?: string | null,"locked_by"?: string | null,"locked_until"?: string | null,"name": string,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"due_at"?: string,"ended_at"?: string | null,"last_error"?: string | null,"locked_by"?: string | null,"locked_until"?: string | null,"name"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"chunks": {
                  Row: {
                    "chunk_index": number,"content": string,"created_at": string,"document_id": string,"embedding_id": string | null,"id": string,"project_id": string | null,"risk_level": string,"token_count": number | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "chunk_index": number,"content": string,"created_at"?: string,"document_id": string,"embedding_id"?: string | null,"id"?: string,"project_id"?: string | null,"risk_level"?: string,"token_count"?: number | null,"updated_at"?: string
                  }
                  Update: {
                    "chunk_index"?: number,"content"?: string,"created_at"?: string,"document_id"?: string,"embedding_id"?: string | null,"id"?: string,"project_id"?: string | null,"risk_level"?: string,"token_count"?: number | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "chunks_document_id_fkey"
      columns: ["document_id","risk_level"]
isOneToOne: false
      referencedRelation: "documents"
      referencedColumns: ["id","risk_level"]
    },{
      foreignKeyName: "chunks_embedding_id_fkey"
      columns: ["embedding_id"]
isOneToOne: false
      referencedRelation: "embeddings"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "chunks_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"ci_events": {
                  Row: {
                    "actor": string | null,"branch": string | null,"commit_sha": string,"conclusion": string | null,"created_at": string,"duration_seconds": number | null,"end_time": string | null,"event": string | null,"head_repository_id": number | null,"html_url": string | null,"id": string,"project_id": string,"provider": string,"pull_request_numbers": (number)[],"repository_id": number,"run_attempt": number,"run_id": string,"source_delivery": string,"source_updated_at": string,"start_time": string | null,"status": string,"summary": string | null,"trigger": string,"updated_at": string,"workflow_name": string,"workflow_path": string | null,"zones_touched": (string)[] | null,"describe_report_event": Json | null,"list_newest_jobs": {
              "job": Database["codered"]['Tables']["ci_jobs"]['Row'],"known_status": string,"run_attempt": number
            } | null
                  }
                  ComputedFields: "describe_report_event" | "list_newest_jobs"
                  Insert: {
                    "actor"?: string | null,"branch"?: string | null,"commit_sha": string,"conclusion"?: string | null,"created_at"?: string,"duration_seconds"?: never,"end_time"?: string | null,"event"?: string | null,"head_repository_id"?: number | null,"html_url"?: string | null,"id"?: string,"project_id": string,"provider": string,"pull_request_numbers"?: (number)[],"repository_id": number,"run_attempt"?: number,"run_id": string,"source_delivery"?: string,"source_updated_at"?: string,"start_time"?: string | null,"status": string,"summary"?: string | null,"trigger": string,"updated_at"?: string,"workflow_name": string,"workflow_path"?: string | null,"zones_touched"?: (string)[] | null
                  }
                  Update: {
                    "actor"?: string | null,"branch"?: string | null,"commit_sha"?: string,"conclusion"?: string | null,"created_at"?: string,"duration_seconds"?: never,"end_time"?: string | null,"event"?: string | null,"head_repository_id"?: number | null,"html_url"?: string | null,"id"?: string,"project_id"?: string,"provider"?: string,"pull_request_numbers"?: (number)[],"repository_id"?: number,"run_attempt"?: number,"run_id"?: string,"source_delivery"?: string,"source_updated_at"?: string,"start_time"?: string | null,"status"?: string,"summary"?: string | null,"trigger"?: string,"updated_at"?: string,"workflow_name"?: string,"workflow_path"?: string | null,"zones_touched"?: (string)[] | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "ci_events_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "ci_events_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"ci_jobs": {
                  Row: {
                    "ci_event_id": string,"completed_at": string | null,"conclusion": string | null,"created_at": string,"html_url": string | null,"id": string,"job_id": number,"labels": (string)[],"log_state": string,"name": string,"runner_name": string | null,"source_delivery": string,"source_updated_at": string,"started_at": string | null,"status": string,"steps": NonNullable<Json>,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "ci_event_id": string,"completed_at"?: string | null,"conclusion"?: string | null,"created_at"?: string,"html_url"?: string | null,"id"?: string,"job_id": number,"labels"?: (string)[],"log_state"?: string,"name": string,"runner_name"?: string | null,"source_delivery"?: string,"source_updated_at": string,"started_at"?: string | null,"status": string,"steps"?: NonNullable<Json>,"updated_at"?: string
                  }
                  Update: {
                    "ci_event_id"?: string,"completed_at"?: string | null,"conclusion"?: string | null,"created_at"?: string,"html_url"?: string | null,"id"?: string,"job_id"?: number,"labels"?: (string)[],"log_state"?: string,"name"?: string,"runner_name"?: string | null,"source_delivery"?: string,"source_updated_at"?: string,"started_at"?: string | null,"status"?: string,"steps"?: NonNullable<Json>,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "ci_jobs_ci_event_id_fkey"
      columns: ["ci_event_id"]
isOneToOne: false
      referencedRelation: "ci_events"
      referencedColumns: ["id"]
    }
                  ]
                },"command_counts": {
                  Row: {
                    "about": string,"created_at": string,"heard": number,"hour_began": string,"id": number,"reacted_at": string | null,"reacted_comment_id": number | null,"reactions": number,"repository_id": number,"standing": string | null,"standing_at": string | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "about": string,"created_at"?: string,"heard"?: number,"hour_began"?: string,"id": number,"reacted_at"?: string | null,"reacted_comment_id"?: number | null,"reactions"?: number,"repository_id": number,"standing"?: string | null,"standing_at"?: string | null,"updated_at"?: string
                  }
                  Update: {
                    "about"?: string,"created_at"?: string,"heard"?: number,"hour_began"?: string,"id"?: number,"reacted_at"?: string | null,"reacted_comment_id"?: number | null,"reactions"?: number,"repository_id"?: number,"standing"?: string | null,"standing_at"?: string | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "command_counts_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"commits": {
                  Row: {
                    "author": string | null,"authored_at": string | null,"created_at": string,"files": (string)[],"merge_group_end": string | null,"merge_group_ref": string | null,"message": string,"pushed_at": string | null,"ref": string | null,"repository_id": number,"sha": string,"source_delivery": string,"updated_at": string,"zones_touched": (string)[] | null
                  }
                  ComputedFields: never
                  Insert: {
                    "author"?: string | null,"authored_at"?: string | null,"created_at"?: string,"files"?: (string)[],"merge_group_end"?: string | null,"merge_group_ref"?: string | null,"message": string,"pushed_at"?: string | null,"ref"?: string | null,"repository_id": number,"sha": string,"source_delivery"?: string,"updated_at"?: string,"zones_touched"?: (string)[] | null
                  }
                  Update: {
                    "author"?: string | null,"authored_at"?: string | null,"created_at"?: string,"files"?: (string)[],"merge_group_end"?: string | null,"merge_group_ref"?: string | null,"message"?: string,"pushed_at"?: string | null,"ref"?: string | null,"repository_id"?: number,"sha"?: string,"source_delivery"?: string,"updated_at"?: string,"zones_touched"?: (string)[] | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "commits_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"corpora": {
                  Row: {
                    "created_at": string,"description": string | null,"domain_tags": (string)[],"id": string,"name": string,"project_id": string | null,"risk_level": string,"updated_at": string,"describe_corpus": Json | null
                  }
                  ComputedFields: "describe_corpus"
                  Insert: {
                    "created_at"?: string,"description"?: string | null,"domain_tags"?: (string)[],"id"?: string,"name": string,"project_id"?: string | null,"risk_level"?: string,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"description"?: string | null,"domain_tags"?: (string)[],"id"?: string,"name"?: string,"project_id"?: string | null,"risk_level"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "corpora_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"daily_sessions": {
                  Row: {
                    "concepts_covered": (string)[],"created_at": string,"duration_minutes": number,"id": string,"message_count": number,"project_id": string,"transcript": NonNullable<Json>,"updated_at": string,"describe_daily_session": Json | null
                  }
                  ComputedFields: "describe_daily_session"
                  Insert: {
                    "concepts_covered"?: (string)[],"created_at"?: string,"duration_minutes"?: number,"id"?: string,"message_count"?: never,"project_id": string,"transcript"?: NonNullable<Json>,"updated_at"?: string
                  }
                  Update: {
                    "concepts_covered"?: (string)[],"created_at"?: string,"duration_minutes"?: number,"id"?: string,"message_count"?: never,"project_id"?: string,"transcript"?: NonNullable<Json>,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "daily_sessions_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"decisions": {
                  Row: {
                    "choice": string | null,"chosen_option": string | null,"created_at": string,"decision_maker": string | null,"decision_type": string | null,"description": string | null,"domain": string | null,"id": string,"options": NonNullable<Json>,"options_considered": string | null,"project_id": string,"rationale": string | null,"superseded_by": string | null,"title": string,"updated_at": string,"user_id": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "choice"?: string | null,"chosen_option"?: never,"created_at"?: string,"decision_maker"?: string | null,"decision_type"?: string | null,"description"?: string | null,"domain"?: string | null,"id"?: string,"options"?: NonNullable<Json>,"options_considered"?: string | null,"project_id": string,"rationale"?: string | null,"superseded_by"?: string | null,"title": string,"updated_at"?: string,"user_id"?: string | null
                  }
                  Update: {
                    "choice"?: string | null,"chosen_option"?: never,"created_at"?: string,"decision_maker"?: string | null,"decision_type"?: string | null,"description"?: string | null,"domain"?: string | null,"id"?: string,"options"?: NonNullable<Json>,"options_considered"?: string | null,"project_id"?: string,"rationale"?: string | null,"superseded_by"?: string | null,"title"?: string,"updated_at"?: string,"user_id"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "decisions_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "decisions_superseded_by_fkey"
      columns: ["superseded_by"]
isOneToOne: false
      referencedRelation: "decisions"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "decisions_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"delivery_lists": {
                  Row: {
                    "app_id": number,"created_at": string,"listed_at": string | null,"listed_to": string | null,"refused": string | null,"updated_at": string,"walk_cursor": string | null,"walk_from": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "app_id": number,"created_at"?: string,"listed_at"?: string | null,"listed_to"?: string | null,"refused"?: string | null,"updated_at"?: string,"walk_cursor"?: string | null,"walk_from"?: string | null
                  }
                  Update: {
                    "app_id"?: number,"created_at"?: string,"listed_at"?: string | null,"listed_to"?: string | null,"refused"?: string | null,"updated_at"?: string,"walk_cursor"?: string | null,"walk_from"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"deployment_statuses": {
                  Row: {
                    "created_at": string,"creator": string | null,"deployment_id": string,"description": string,"environment": string,"environment_url": string | null,"id": string,"log_url": string | null,"state": string,"status_id": number
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at": string,"creator"?: string | null,"deployment_id": string,"description"?: string,"environment": string,"environment_url"?: string | null,"id"?: string,"log_url"?: string | null,"state": string,"status_id": number
                  }
                  Update: {
                    "created_at"?: string,"creator"?: string | null,"deployment_id"?: string,"description"?: string,"environment"?: string,"environment_url"?: string | null,"id"?: string,"log_url"?: string | null,"state"?: string,"status_id"?: number
                  }
                  Relationships: [
                    {
      foreignKeyName: "deployment_statuses_deployment_id_fkey"
      columns: ["deployment_id"]
isOneToOne: false
      referencedRelation: "deployments"
      referencedColumns: ["id"]
    }
                  ]
                },"deployments": {
                  Row: {
                    "ci_event_id": string | null,"commit_sha": string,"created_at": string,"creator": string | null,"deployment_id": string,"environment": string,"environment_name": string,"finished_at": string | null,"id": string,"is_current": boolean,"project_id": string,"provider": string,"ref": string,"repository_id": number,"run_attempt": number | null,"run_id": string | null,"source_delivery": string,"source_updated_at": string,"started_at": string,"status": string,"updated_at": string,"url": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "ci_event_id"?: string | null,"commit_sha": string,"created_at"?: string,"creator"?: string | null,"deployment_id": string,"environment": string,"environment_name": string,"finished_at"?: string | null,"id"?: string,"is_current"?: boolean,"project_id": string,"provider": string,"ref": string,"repository_id": number,"run_attempt"?: number | null,"run_id"?: string | null,"source_delivery"?: string,"source_updated_at": string,"started_at": string,"status"?: string,"updated_at"?: string,"url"?: string | null
                  }
                  Update: {
                    "ci_event_id"?: string | null,"commit_sha"?: string,"created_at"?: string,"creator"?: string | null,"deployment_id"?: string,"environment"?: string,"environment_name"?: string,"finished_at"?: string | null,"id"?: string,"is_current"?: boolean,"project_id"?: string,"provider"?: string,"ref"?: string,"repository_id"?: number,"run_attempt"?: number | null,"run_id"?: string | null,"source_delivery"?: string,"source_updated_at"?: string,"started_at"?: string,"status"?: string,"updated_at"?: string,"url"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "deployments_ci_event_id_fkey"
      columns: ["ci_event_id"]
isOneToOne: false
      referencedRelation: "ci_events"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "deployments_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "deployments_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"documents": {
                  Row: {
                    "corpus_id": string,"created_at": string,"deleted_at": string | null,"domain_tags": (string)[],"id": string,"is_pinned": boolean,"project_id": string | null,"risk_level": string,"source_path": string,"title": string,"updated_at": string,"version": string
                  }
                  ComputedFields: never
                  Insert: {
                    "corpus_id": string,"created_at"?: string,"deleted_at"?: string | null,"domain_tags"?: (string)[],"id"?: string,"is_pinned"?: boolean,"project_id"?: string | null,"risk_level"?: string,"source_path": string,"title": string,"updated_at"?: string,"version"?: string
                  }
                  Update: {
                    "corpus_id"?: string,"created_at"?: string,"deleted_at"?: string | null,"domain_tags"?: (string)[],"id"?: string,"is_pinned"?: boolean,"project_id"?: string | null,"risk_level"?: string,"source_path"?: string,"title"?: string,"updated_at"?: string,"version"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "documents_corpus_id_fkey"
      columns: ["corpus_id"]
isOneToOne: false
      referencedRelation: "corpora"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "documents_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"embeddings": {
                  Row: {
                    "chunk_id": string,"created_at": string,"document_id": string,"embedding": string | null,"id": string,"model": string,"project_id": string | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "chunk_id": string,"created_at"?: string,"document_id": string,"embedding"?: string | null,"id"?: string,"model": string,"project_id"?: string | null,"updated_at"?: string
                  }
                  Update: {
                    "chunk_id"?: string,"created_at"?: string,"document_id"?: string,"embedding"?: string | null,"id"?: string,"model"?: string,"project_id"?: string | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "embeddings_chunk_id_fkey"
      columns: ["chunk_id"]
isOneToOne: false
      referencedRelation: "chunks"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "embeddings_document_id_fkey"
      columns: ["document_id"]
isOneToOne: false
      referencedRelation: "documents"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "embeddings_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"error_matches": {
                  Row: {
                    "bug_pattern_id": string,"captures": (string)[],"cause_position": number | null,"created_at": string,"demoted": string | null,"error_id": string,"file_path": string | null,"is_primary": boolean,"line": number | null,"line_number": number,"line_text": string,"other_lines": NonNullable<Json>,"others": number,"rank": string | null,"step_name": string | null,"updated_at": string,"describe_match": Json | null
                  }
                  ComputedFields: "describe_match"
                  Insert: {
                    "bug_pattern_id": string,"captures"?: (string)[],"cause_position"?: number | null,"created_at"?: string,"demoted"?: string | null,"error_id": string,"file_path"?: string | null,"is_primary"?: boolean,"line"?: number | null,"line_number": number,"line_text": string,"other_lines"?: NonNullable<Json>,"others"?: number,"rank"?: string | null,"step_name"?: string | null,"updated_at"?: string
                  }
                  Update: {
                    "bug_pattern_id"?: string,"captures"?: (string)[],"cause_position"?: number | null,"created_at"?: string,"demoted"?: string | null,"error_id"?: string,"file_path"?: string | null,"is_primary"?: boolean,"line"?: number | null,"line_number"?: number,"line_text"?: string,"other_lines"?: NonNullable<Json>,"others"?: number,"rank"?: string | null,"step_name"?: string | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "error_matches_bug_pattern_id_fkey"
      columns: ["bug_pattern_id"]
isOneToOne: false
      referencedRelation: "bug_patterns"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "error_matches_error_id_fkey"
      columns: ["error_id"]
isOneToOne: false
      referencedRelation: "errors"
      referencedColumns: ["id"]
    }
                  ]
                },"errors": {
                  Row: {
                    "agent_run_id": string | null,"ci_event_id": string | null,"ci_job_id": string | null,"commit_sha": string | null,"context": Json | null,"created_at": string,"deployment_id": string | null,"details": string | null,"environment": string | null,"error_code": string | null,"evidence_first_line": number | null,"evidence_last_line": number | null,"evidence_why": string | null,"excerpt": string | null,"excerpt_first_line": number | null,"excerpt_last_line": number | null,"file_path": string | null,"fingerprint": string,"first_seen_at": string,"id": string,"last_seen_at": string | null,"line": number | null,"line_number": number | null,"message": string,"occurrences": number,"project_id": string,"release": string | null,"resolved_at": string | null,"resolved_by": string | null,"runner_lost": string | null,"severity": string,"source": string,"step_first_line": number | null,"step_name": string | null,"updated_at": string,"verdict": string,"verdict_reason": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "agent_run_id"?: string | null,"ci_event_id"?: string | null,"ci_job_id"?: string | null,"commit_sha"?: string | null,"context"?: Json | null,"created_at"?: string,"deployment_id"?: string | null,"details"?: string | null,"environment"?: string | null,"error_code"?: string | null,"evidence_first_line"?: number | null,"evidence_last_line"?: number | null,"evidence_why"?: string | null,"excerpt"?: string | null,"excerpt_first_line"?: number | null,"excerpt_last_line"?: number | null,"file_path"?: string | null,"fingerprint": string,"first_seen_at"?: string,"id"?: string,"last_seen_at"?: string | null,"line"?: number | null,"line_number"?: number | null,"message": string,"occurrences"?: number,"project_id": string,"release"?: string | null,"resolved_at"?: string | null,"resolved_by"?: string | null,"runner_lost"?: string | null,"severity"?: string,"source": string,"step_first_line"?: number | null,"step_name"?: string | null,"updated_at"?: string,"verdict"?: string,"verdict_reason"?: string | null
                  }
                  Update: {
                    "agent_run_id"?: string | null,"ci_event_id"?: string | null,"ci_job_id"?: string | null,"commit_sha"?: string | null,"context"?: Json | null,"created_at"?: string,"deployment_id"?: string | null,"details"?: string | null,"environment"?: string | null,"error_code"?: string | null,"evidence_first_line"?: number | null,"evidence_last_line"?: number | null,"evidence_why"?: string | null,"excerpt"?: string | null,"excerpt_first_line"?: number | null,"excerpt_last_line"?: number | null,"file_path"?: string | null,"fingerprint"?: string,"first_seen_at"?: string,"id"?: string,"last_seen_at"?: string | null,"line"?: number | null,"line_number"?: number | null,"message"?: string,"occurrences"?: number,"project_id"?: string,"release"?: string | null,"resolved_at"?: string | null,"resolved_by"?: string | null,"runner_lost"?: string | null,"severity"?: string,"source"?: string,"step_first_line"?: number | null,"step_name"?: string | null,"updated_at"?: string,"verdict"?: string,"verdict_reason"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "errors_agent_run_id_fkey"
      columns: ["agent_run_id"]
isOneToOne: false
      referencedRelation: "agent_runs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "errors_ci_event_id_fkey"
      columns: ["ci_event_id"]
isOneToOne: false
      referencedRelation: "ci_events"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "errors_ci_job_id_fkey"
      columns: ["ci_job_id"]
isOneToOne: false
      referencedRelation: "ci_jobs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "errors_deployment_id_fkey"
      columns: ["deployment_id"]
isOneToOne: false
      referencedRelation: "deployments"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "errors_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "errors_resolved_by_fkey"
      columns: ["resolved_by"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"events": {
                  Row: {
                    "created_at": string,"event_type": string,"id": number,"payload": NonNullable<Json>,"project_id": string | null,"repository_id": number | null,"run_id": string | null,"task_id": string | null,"user_id": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"event_type": string,"id"?: never,"payload"?: NonNullable<Json>,"project_id"?: string | null,"repository_id"?: number | null,"run_id"?: string | null,"task_id"?: string | null,"user_id"?: string | null
                  }
                  Update: {
                    "created_at"?: string,"event_type"?: string,"id"?: never,"payload"?: NonNullable<Json>,"project_id"?: string | null,"repository_id"?: number | null,"run_id"?: string | null,"task_id"?: string | null,"user_id"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"events_other": {
                  Row: {
                    "created_at": string,"event_type": string,"id": number,"payload": NonNullable<Json>,"project_id": string | null,"repository_id": number | null,"run_id": string | null,"task_id": string | null,"user_id": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"event_type": string,"id"?: never,"payload"?: NonNullable<Json>,"project_id"?: string | null,"repository_id"?: number | null,"run_id"?: string | null,"task_id"?: string | null,"user_id"?: string | null
                  }
                  Update: {
                    "created_at"?: string,"event_type"?: string,"id"?: never,"payload"?: NonNullable<Json>,"project_id"?: string | null,"repository_id"?: number | null,"run_id"?: string | null,"task_id"?: string | null,"user_id"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"follow_ups": {
                  Row: {
                    "attempts": number,"ci_event_id": string | null,"claim": number,"commit_sha": string | null,"completed_at": string | null,"created_at": string,"dedupe_key": string | null,"error": string | null,"id": string,"input": NonNullable<Json>,"installation_id": number,"interruptions": number,"is_scheduled": boolean,"kind": string,"locked_by": string | null,"locked_until": string | null,"priority": number,"project_id": string | null,"pull_request_number": number | null,"repository_id": number | null,"result": Json | null,"run_after": string,"started_at": string | null,"status": string,"updated_at": string,"is_follow_up_blocked": boolean | null,"is_given_up": boolean | null
                  }
                  ComputedFields: "is_follow_up_blocked" | "is_given_up"
                  Insert: {
                    "attempts"?: number,"ci_event_id"?: string | null,"claim"?: number,"commit_sha"?: string | null,"completed_at"?: string | null,"created_at"?: string,"dedupe_key"?: string | null,"error"?: string | null,"id"?: string,"input"?: NonNullable<Json>,"installation_id"?: number,"interruptions"?: number,"is_scheduled"?: boolean,"kind": string,"locked_by"?: string | null,"locked_until"?: string | null,"priority"?: number,"project_id"?: string | null,"pull_request_number"?: number | null,"repository_id"?: number | null,"result"?: Json | null,"run_after"?: string,"started_at"?: string | null,"status"?: string,"updated_at"?: string
                  }
                  Update: {
                    "attempts"?: number,"ci_event_id"?: string | null,"claim"?: number,"commit_sha"?: string | null,"completed_at"?: string | null,"created_at"?: string,"dedupe_key"?: string | null,"error"?: string | null,"id"?: string,"input"?: NonNullable<Json>,"installation_id"?: number,"interruptions"?: number,"is_scheduled"?: boolean,"kind"?: string,"locked_by"?: string | null,"locked_until"?: string | null,"priority"?: number,"project_id"?: string | null,"pull_request_number"?: number | null,"repository_id"?: number | null,"result"?: Json | null,"run_after"?: string,"started_at"?: string | null,"status"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "follow_ups_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "follow_ups_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"gate_executions": {
                  Row: {
                    "agent_slug": string | null,"answer": Json | null,"answer_hash": string | null,"attempt_number": number,"claim_number": number,"completed_at": string | null,"cost_usd": number | null,"created_at": string,"duration_ms": number,"fail_codes": (string)[],"gate_id": string,"gate_name": string,"gate_order": number,"id": string,"locked_by": string | null,"locked_until": string | null,"max_attempts": number,"model_id": string | null,"model_provider": string | null,"note": string | null,"phase": string | null,"progress": number,"prompt_packet": string | null,"raw_output": string | null,"run_id": string,"started_at": string | null,"status": string,"stopped_at": string | null,"tokens_in": number,"tokens_out": number,"updated_at": string,"validation_results": NonNullable<Json>,"agent_of_stage": {
              "allowed_zones": (string)[],
"config_yaml_path": string | null,
"cost_ceiling_usd": number | null,
"created_at": string,
"default_model": string | null,
"description": string | null,
"id": string,
"long_horizon_allowed": boolean,
"max_tokens": number | null,
"model_id": string | null,
"name": string,
"repository_id": number | null,
"role": string,
"slug": string,
"temperature": number | null,
"updated_at": string
            } | null,"documents_before": Json | null,"ensure_stage_agent": {
              "allowed_zones": (string)[],
"config_yaml_path": string | null,
"cost_ceiling_usd": number | null,
"created_at": string,
"default_model": string | null,
"description": string | null,
"id": string,
"long_horizon_allowed": boolean,
"max_tokens": number | null,
"model_id": string | null,
"name": string,
"repository_id": number | null,
"role": string,
"slug": string,
"temperature": number | null,
"updated_at": string
            } | null
                  }
                  ComputedFields: "agent_of_stage" | "documents_before" | "ensure_stage_agent"
                  Insert: {
                    "agent_slug"?: string | null,"answer"?: Json | null,"answer_hash"?: string | null,"attempt_number"?: number,"claim_number"?: number,"completed_at"?: string | null,"cost_usd"?: number | null,"created_at"?: string,"duration_ms"?: number,"fail_codes"?: (string)[],"gate_id": string,"gate_name": string,"gate_order": number,"id"?: string,"locked_by"?: string | null,"locked_until"?: string | null,"max_attempts"?: number,"model_id"?: string | null,"model_provider"?: string | null,"note"?: string | null,"phase"?: string | null,"progress"?: number,"prompt_packet"?: string | null,"raw_output"?: string | null,"run_id": string,"started_at"?: string | null,"status"?: string,"stopped_at"?: string | null,"tokens_in"?: number,"tokens_out"?: number,"updated_at"?: string,"validation_results"?: NonNullable<Json>
                  }
                  Update: {
                    "agent_slug"?: string | null,"answer"?: Json | null,"answer_hash"?: string | null,"attempt_number"?: number,"claim_number"?: number,"completed_at"?: string | null,"cost_usd"?: number | null,"created_at"?: string,"duration_ms"?: number,"fail_codes"?: (string)[],"gate_id"?: string,"gate_name"?: string,"gate_order"?: number,"id"?: string,"locked_by"?: string | null,"locked_until"?: string | null,"max_attempts"?: number,"model_id"?: string | null,"model_provider"?: string | null,"note"?: string | null,"phase"?: string | null,"progress"?: number,"prompt_packet"?: string | null,"raw_output"?: string | null,"run_id"?: string,"started_at"?: string | null,"status"?: string,"stopped_at"?: string | null,"tokens_in"?: number,"tokens_out"?: number,"updated_at"?: string,"validation_results"?: NonNullable<Json>
                  }
                  Relationships: [
                    {
      foreignKeyName: "gate_executions_model_id_fkey"
      columns: ["model_id"]
isOneToOne: false
      referencedRelation: "models"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "gate_executions_run_id_fkey"
      columns: ["run_id"]
isOneToOne: false
      referencedRelation: "active_runs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "gate_executions_run_id_fkey"
      columns: ["run_id"]
isOneToOne: false
      referencedRelation: "runs"
      referencedColumns: ["id"]
    }
                  ]
                },"github_grants": {
                  Row: {
                    "access_token_expires_at": string | null,"created_at": string,"end_reason": string | null,"ended_at": string | null,"kept_at": string,"leased_until": string,"refresh_token_expires_at": string | null,"sealed_access_token": string | null,"sealed_refresh_token": string | null,"updated_at": string,"user_id": string,"version": string
                  }
                  ComputedFields: never
                  Insert: {
                    "access_token_expires_at"?: string | null,"created_at"?: string,"end_reason"?: string | null,"ended_at"?: string | null,"kept_at"?: string,"leased_until"?: string,"refresh_token_expires_at"?: string | null,"sealed_access_token"?: string | null,"sealed_refresh_token"?: string | null,"updated_at"?: string,"user_id": string,"version"?: string
                  }
                  Update: {
                    "access_token_expires_at"?: string | null,"created_at"?: string,"end_reason"?: string | null,"ended_at"?: string | null,"kept_at"?: string,"leased_until"?: string,"refresh_token_expires_at"?: string | null,"sealed_access_token"?: string | null,"sealed_refresh_token"?: string | null,"updated_at"?: string,"user_id"?: string,"version"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "github_grants_user_id_fkey"
      columns: ["user_id"]
isOneToOne: true
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"green_logs": {
                  Row: {
                    "created_at": string,"fetched_at": string,"hashes": string,"job_id": number,"job_name": string,"repository_id": number,"salt": string,"updated_at": string,"workflow_path": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"fetched_at"?: string,"hashes": string,"job_id": number,"job_name": string,"repository_id": number,"salt": string,"updated_at"?: string,"workflow_path": string
                  }
                  Update: {
                    "created_at"?: string,"fetched_at"?: string,"hashes"?: string,"job_id"?: number,"job_name"?: string,"repository_id"?: number,"salt"?: string,"updated_at"?: string,"workflow_path"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "green_logs_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"idempotency_keys": {
                  Row: {
                    "answer": Json | null,"created_at": string,"key_hash": string,"project_id": string | null,"request_hash": string,"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "answer"?: Json | null,"created_at"?: string,"key_hash": string,"project_id"?: string | null,"request_hash": string,"updated_at"?: string,"user_id": string
                  }
                  Update: {
                    "answer"?: Json | null,"created_at"?: string,"key_hash"?: string,"project_id"?: string | null,"request_hash"?: string,"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "idempotency_keys_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "idempotency_keys_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"installation_usage": {
                  Row: {
                    "artifact_bytes": number,"created_at": string,"day": string,"deliveries": number,"excerpts": number,"installation_id": number,"told": NonNullable<Json>,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "artifact_bytes"?: number,"created_at"?: string,"day": string,"deliveries"?: number,"excerpts"?: number,"installation_id": number,"told"?: NonNullable<Json>,"updated_at"?: string
                  }
                  Update: {
                    "artifact_bytes"?: number,"created_at"?: string,"day"?: string,"deliveries"?: number,"excerpts"?: number,"installation_id"?: number,"told"?: NonNullable<Json>,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"installations": {
                  Row: {
                    "account_login": string,"account_type": string | null,"created_at": string,"deleted_at": string | null,"details_delivery": string,"details_updated_at": string,"erased_at": string | null,"gone_at": string | null,"id": number,"installed_at": string | null,"next_write_at": string,"org_id": string,"organisation_policy_sha": string | null,"paused_until": string,"permissions": Json | null,"repository_selection": string | null,"source_delivery": string,"source_updated_at": string,"suspended_at": string | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "account_login": string,"account_type"?: string | null,"created_at"?: string,"deleted_at"?: string | null,"details_delivery"?: string,"details_updated_at"?: string,"erased_at"?: string | null,"gone_at"?: string | null,"id": number,"installed_at"?: string | null,"next_write_at"?: string,"org_id": string,"organisation_policy_sha"?: string | null,"paused_until"?: string,"permissions"?: Json | null,"repository_selection"?: string | null,"source_delivery"?: string,"source_updated_at"?: string,"suspended_at"?: string | null,"updated_at"?: string
                  }
                  Update: {
                    "account_login"?: string,"account_type"?: string | null,"created_at"?: string,"deleted_at"?: string | null,"details_delivery"?: string,"details_updated_at"?: string,"erased_at"?: string | null,"gone_at"?: string | null,"id"?: number,"installed_at"?: string | null,"next_write_at"?: string,"org_id"?: string,"organisation_policy_sha"?: string | null,"paused_until"?: string,"permissions"?: Json | null,"repository_selection"?: string | null,"source_delivery"?: string,"source_updated_at"?: string,"suspended_at"?: string | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "installations_org_id_fkey"
      columns: ["org_id"]
isOneToOne: false
      referencedRelation: "orgs"
      referencedColumns: ["id"]
    }
                  ]
                },"kept_out_installations": {
                  Row: {
                    "account_id": number | null,"account_login": string | null,"created_at": string,"deleted_at": string | null,"id": number,"reason": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "account_id"?: number | null,"account_login"?: string | null,"created_at"?: string,"deleted_at"?: string | null,"id": number,"reason": string,"updated_at"?: string
                  }
                  Update: {
                    "account_id"?: number | null,"account_login"?: string | null,"created_at"?: string,"deleted_at"?: string | null,"id"?: number,"reason"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"learning_roadmaps": {
                  Row: {
                    "created_at": string,"current_step_index": number,"description": string | null,"id": string,"modules": NonNullable<Json>,"project_id": string,"skill_level": string | null,"title": string | null,"total_estimated_hours": number | null,"updated_at": string,"describe_roadmap": Json | null
                  }
                  ComputedFields: "describe_roadmap"
                  Insert: {
                    "created_at"?: string,"current_step_index"?: number,"description"?: string | null,"id"?: string,"modules": NonNullable<Json>,"project_id": string,"skill_level"?: string | null,"title"?: string | null,"total_estimated_hours"?: number | null,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"current_step_index"?: number,"description"?: string | null,"id"?: string,"modules"?: NonNullable<Json>,"project_id"?: string,"skill_level"?: string | null,"title"?: string | null,"total_estimated_hours"?: number | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "learning_roadmaps_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"lessons": {
                  Row: {
                    "created_at": string,"description": string | null,"domain_tags": (string)[],"id": string,"impact_axes": (string)[],"project_id": string,"severity": string,"source_id": string | null,"source_type": string,"title": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"description"?: string | null,"domain_tags"?: (string)[],"id"?: string,"impact_axes"?: (string)[],"project_id": string,"severity"?: string,"source_id"?: string | null,"source_type"?: string,"title": string,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"description"?: string | null,"domain_tags"?: (string)[],"id"?: string,"impact_axes"?: (string)[],"project_id"?: string,"severity"?: string,"source_id"?: string | null,"source_type"?: string,"title"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "lessons_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"memberships": {
                  Row: {
                    "created_at": string,"org_id": string,"role": string,"source": string,"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"org_id": string,"role"?: string,"source"?: string,"updated_at"?: string,"user_id": string
                  }
                  Update: {
                    "created_at"?: string,"org_id"?: string,"role"?: string,"source"?: string,"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "memberships_org_id_fkey"
      columns: ["org_id"]
isOneToOne: false
      referencedRelation: "orgs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "memberships_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"milestones": {
                  Row: {
                    "actual_date": string | null,"created_at": string,"description": string | null,"id": string,"name": string,"progress_is_manual": boolean,"progress_percent": number,"project_id": string,"status": string,"target_date": string | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "actual_date"?: string | null,"created_at"?: string,"description"?: string | null,"id"?: string,"name": string,"progress_is_manual"?: boolean,"progress_percent"?: number,"project_id": string,"status"?: string,"target_date"?: string | null,"updated_at"?: string
                  }
                  Update: {
                    "actual_date"?: string | null,"created_at"?: string,"description"?: string | null,"id"?: string,"name"?: string,"progress_is_manual"?: boolean,"progress_percent"?: number,"project_id"?: string,"status"?: string,"target_date"?: string | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "milestones_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"missed_deliveries": {
                  Row: {
                    "action": string | null,"app_id": number,"ask_at": string,"asked": number,"created_at": string,"delivered_at": string,"delivery_id": string,"event": string,"first_delivered_at": string,"guid": string,"installation_id": number | null,"lost_at": string | null,"lost_reason": string | null,"repository_id": number | null,"status_code": number,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "action"?: string | null,"app_id": number,"ask_at"?: string,"asked"?: number,"created_at"?: string,"delivered_at": string,"delivery_id": string,"event": string,"first_delivered_at": string,"guid": string,"installation_id"?: number | null,"lost_at"?: string | null,"lost_reason"?: string | null,"repository_id"?: number | null,"status_code": number,"updated_at"?: string
                  }
                  Update: {
                    "action"?: string | null,"app_id"?: number,"ask_at"?: string,"asked"?: number,"created_at"?: string,"delivered_at"?: string,"delivery_id"?: string,"event"?: string,"first_delivered_at"?: string,"guid"?: string,"installation_id"?: number | null,"lost_at"?: string | null,"lost_reason"?: string | null,"repository_id"?: number | null,"status_code"?: number,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"models": {
                  Row: {
                    "created_at": string,"display_name": string,"id": string,"input_cost_per_1k": number | null,"is_active": boolean,"max_context_tokens": number | null,"output_cost_per_1k": number | null,"provider": string,"supports_streaming": boolean,"supports_structured_output": boolean,"supports_tools": boolean,"tier": string,"updated_at": string,"describe_model": Json | null
                  }
                  ComputedFields: "describe_model"
                  Insert: {
                    "created_at"?: string,"display_name": string,"id": string,"input_cost_per_1k"?: number | null,"is_active"?: boolean,"max_context_tokens"?: number | null,"output_cost_per_1k"?: number | null,"provider": string,"supports_streaming"?: boolean,"supports_structured_output"?: boolean,"supports_tools"?: boolean,"tier": string,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"display_name"?: string,"id"?: string,"input_cost_per_1k"?: number | null,"is_active"?: boolean,"max_context_tokens"?: number | null,"output_cost_per_1k"?: number | null,"provider"?: string,"supports_streaming"?: boolean,"supports_structured_output"?: boolean,"supports_tools"?: boolean,"tier"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"oauth_clients": {
                  Row: {
                    "address_hash": string | null,"client_id": string,"created_at": string,"metadata": NonNullable<Json>,"seen_at": string | null,"updated_at": string,"used_at": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "address_hash"?: string | null,"client_id": string,"created_at"?: string,"metadata": NonNullable<Json>,"seen_at"?: string | null,"updated_at"?: string,"used_at"?: string | null
                  }
                  Update: {
                    "address_hash"?: string | null,"client_id"?: string,"created_at"?: string,"metadata"?: NonNullable<Json>,"seen_at"?: string | null,"updated_at"?: string,"used_at"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"oauth_keys": {
                  Row: {
                    "created_at": string,"kid": string,"sealed_key": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"kid": string,"sealed_key": string,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"kid"?: string,"sealed_key"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"oauth_records": {
                  Row: {
                    "about": Json | null,"client_id": string | null,"consumed_at": string | null,"created_at": string,"expires_at": string,"grant_hash": string | null,"id": string,"id_hash": string,"kind": string,"payload": NonNullable<Json>,"updated_at": string,"user_id": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "about"?: Json | null,"client_id"?: string | null,"consumed_at"?: string | null,"created_at"?: string,"expires_at": string,"grant_hash"?: string | null,"id"?: string,"id_hash": string,"kind": string,"payload": NonNullable<Json>,"updated_at"?: string,"user_id"?: string | null
                  }
                  Update: {
                    "about"?: Json | null,"client_id"?: string | null,"consumed_at"?: string | null,"created_at"?: string,"expires_at"?: string,"grant_hash"?: string | null,"id"?: string,"id_hash"?: string,"kind"?: string,"payload"?: NonNullable<Json>,"updated_at"?: string,"user_id"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "oauth_records_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"oauth_tokens": {
                  Row: {
                    "access_token_hash": string | null,"audience": string | null,"client_id": string,"consumed_at": string | null,"created_at": string,"expires_at": string,"grant_hash": string | null,"id": string,"last_used_at": string | null,"name": string | null,"payload": Json | null,"refresh_token_hash": string | null,"revoked_at": string | null,"scope": string,"token_type": string,"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "access_token_hash"?: string | null,"audience"?: string | null,"client_id": string,"consumed_at"?: string | null,"created_at"?: string,"expires_at": string,"grant_hash"?: string | null,"id"?: string,"last_used_at"?: string | null,"name"?: string | null,"payload"?: Json | null,"refresh_token_hash"?: string | null,"revoked_at"?: string | null,"scope"?: string,"token_type"?: string,"updated_at"?: string,"user_id": string
                  }
                  Update: {
                    "access_token_hash"?: string | null,"audience"?: string | null,"client_id"?: string,"consumed_at"?: string | null,"created_at"?: string,"expires_at"?: string,"grant_hash"?: string | null,"id"?: string,"last_used_at"?: string | null,"name"?: string | null,"payload"?: Json | null,"refresh_token_hash"?: string | null,"revoked_at"?: string | null,"scope"?: string,"token_type"?: string,"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "oauth_tokens_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"orgs": {
                  Row: {
                    "created_at": string,"github_account_id": number | null,"id": string,"login": string,"name": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"github_account_id"?: number | null,"id"?: string,"login": string,"name": string,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"github_account_id"?: number | null,"id"?: string,"login"?: string,"name"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"pattern_embeddings": {
                  Row: {
                    "created_at": string,"embedding": string | null,"id": string,"metadata": NonNullable<Json>,"project_type": string,"success_score": number | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"embedding"?: string | null,"id"?: string,"metadata"?: NonNullable<Json>,"project_type": string,"success_score"?: number | null,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"embedding"?: string | null,"id"?: string,"metadata"?: NonNullable<Json>,"project_type"?: string,"success_score"?: number | null,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"profiles": {
                  Row: {
                    "avatar_url": string | null,"created_at": string,"display_name": string | null,"email": string | null,"github_id": number | null,"github_login": string | null,"id": string,"role": string,"skill_level": string | null,"updated_at": string,"username": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "avatar_url"?: string | null,"created_at"?: string,"display_name"?: string | null,"email"?: string | null,"github_id"?: number | null,"github_login"?: string | null,"id": string,"role"?: string,"skill_level"?: string | null,"updated_at"?: string,"username"?: string | null
                  }
                  Update: {
                    "avatar_url"?: string | null,"created_at"?: string,"display_name"?: string | null,"email"?: string | null,"github_id"?: number | null,"github_login"?: string | null,"id"?: string,"role"?: string,"skill_level"?: string | null,"updated_at"?: string,"username"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"project_files": {
                  Row: {
                    "content": string | null,"created_at": string,"id": string,"language": string | null,"path": string,"project_id": string,"updated_at": string,"version": number
                  }
                  ComputedFields: never
                  Insert: {
                    "content"?: string | null,"created_at"?: string,"id"?: string,"language"?: string | null,"path": string,"project_id": string,"updated_at"?: string,"version"?: number
                  }
                  Update: {
                    "content"?: string | null,"created_at"?: string,"id"?: string,"language"?: string | null,"path"?: string,"project_id"?: string,"updated_at"?: string,"version"?: number
                  }
                  Relationships: [
                    {
      foreignKeyName: "project_files_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"projects": {
                  Row: {
                    "architecture_spec": Json | null,"created_at": string,"deleted_at": string | null,"description": string | null,"id": string,"mode": string,"name": string,"org_id": string | null,"owner_user_id": string | null,"phase": string,"policy_rules": NonNullable<Json>,"requirements_spec": Json | null,"rules": NonNullable<Json>,"slug": string,"status": string,"tech_stack": (string)[] | null,"updated_at": string,"describe_project": Json | null
                  }
                  ComputedFields: "describe_project"
                  Insert: {
                    "architecture_spec"?: Json | null,"created_at"?: string,"deleted_at"?: string | null,"description"?: string | null,"id"?: string,"mode"?: string,"name": string,"org_id"?: string | null,"owner_user_id"?: string | null,"phase"?: string,"policy_rules"?: NonNullable<Json>,"requirements_spec"?: Json | null,"rules"?: NonNullable<Json>,"slug": string,"status"?: string,"tech_stack"?: (string)[] | null,"updated_at"?: string
                  }
                  Update: {
                    "architecture_spec"?: Json | null,"created_at"?: string,"deleted_at"?: string | null,"description"?: string | null,"id"?: string,"mode"?: string,"name"?: string,"org_id"?: string | null,"owner_user_id"?: string | null,"phase"?: string,"policy_rules"?: NonNullable<Json>,"requirements_spec"?: Json | null,"rules"?: NonNullable<Json>,"slug"?: string,"status"?: string,"tech_stack"?: (string)[] | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "projects_org_id_fkey"
      columns: ["org_id"]
isOneToOne: false
      referencedRelation: "orgs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "projects_owner_user_id_fkey"
      columns: ["owner_user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"publications": {
                  Row: {
                    "attempts": number,"available_at": string,"claim": number,"created_at": string,"desired": NonNullable<Json>,"desired_hash": string,"evidence_version": string | null,"generation": number,"github_id": number | null,"id": string,"is_due": boolean,"kind": string,"last_error": string | null,"locked_at": string | null,"locked_by": string | null,"locked_until": string | null,"published_at": string | null,"published_conclusion": string | null,"published_hash": string | null,"repository_id": number,"target": string,"updated_at": string,"is_held_back": boolean | null
                  }
                  ComputedFields: "is_held_back"
                  Insert: {
                    "attempts"?: number,"available_at"?: string,"claim"?: number,"created_at"?: string,"desired": NonNullable<Json>,"desired_hash": string,"evidence_version"?: string | null,"generation"?: number,"github_id"?: number | null,"id"?: string,"is_due"?: never,"kind": string,"last_error"?: string | null,"locked_at"?: string | null,"locked_by"?: string | null,"locked_until"?: string | null,"published_at"?: string | null,"published_conclusion"?: string | null,"published_hash"?: string | null,"repository_id": number,"target": string,"updated_at"?: string
                  }
                  Update: {
                    "attempts"?: number,"available_at"?: string,"claim"?: number,"created_at"?: string,"desired"?: NonNullable<Json>,"desired_hash"?: string,"evidence_version"?: string | null,"generation"?: number,"github_id"?: number | null,"id"?: string,"is_due"?: never,"kind"?: string,"last_error"?: string | null,"locked_at"?: string | null,"locked_by"?: string | null,"locked_until"?: string | null,"published_at"?: string | null,"published_conclusion"?: string | null,"published_hash"?: string | null,"repository_id"?: number,"target"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "publications_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"pull_request_heads": {
                  Row: {
                    "came_at": string | null,"changed_files": (string)[] | null,"created_at": string,"is_pushed": boolean,"merge_base_sha": string | null,"merge_parent_sha": string | null,"pull_request_number": number,"repository_id": number,"sha": string,"silence_cause": string | null,"sources_asked_at": string | null,"told_at": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "came_at"?: string | null,"changed_files"?: (string)[] | null,"created_at"?: string,"is_pushed"?: boolean,"merge_base_sha"?: string | null,"merge_parent_sha"?: string | null,"pull_request_number": number,"repository_id": number,"sha": string,"silence_cause"?: string | null,"sources_asked_at"?: string | null,"told_at": string,"updated_at"?: string
                  }
                  Update: {
                    "came_at"?: string | null,"changed_files"?: (string)[] | null,"created_at"?: string,"is_pushed"?: boolean,"merge_base_sha"?: string | null,"merge_parent_sha"?: string | null,"pull_request_number"?: number,"repository_id"?: number,"sha"?: string,"silence_cause"?: string | null,"sources_asked_at"?: string | null,"told_at"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "pull_request_heads_repository_id_pull_request_number_fkey"
      columns: ["repository_id","pull_request_number"]
isOneToOne: false
      referencedRelation: "pull_requests"
      referencedColumns: ["repository_id","number"]
    }
                  ]
                },"pull_requests": {
                  Row: {
                    "author": string | null,"base_ref": string,"base_sha": string,"based_at": string | null,"created_at": string,"draft": boolean,"head_ref": string,"head_repository_id": number | null,"head_sha": string,"html_url": string,"merge_commit_sha": string | null,"merged_at": string | null,"merged_by": string | null,"number": number,"opened_at": string,"repository_id": number,"source_delivery": string,"source_updated_at": string,"state": string,"title": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "author"?: string | null,"base_ref": string,"base_sha": string,"based_at"?: string | null,"created_at"?: string,"draft": boolean,"head_ref": string,"head_repository_id"?: number | null,"head_sha": string,"html_url": string,"merge_commit_sha"?: string | null,"merged_at"?: string | null,"merged_by"?: string | null,"number": number,"opened_at": string,"repository_id": number,"source_delivery"?: string,"source_updated_at": string,"state": string,"title": string,"updated_at"?: string
                  }
                  Update: {
                    "author"?: string | null,"base_ref"?: string,"base_sha"?: string,"based_at"?: string | null,"created_at"?: string,"draft"?: boolean,"head_ref"?: string,"head_repository_id"?: number | null,"head_sha"?: string,"html_url"?: string,"merge_commit_sha"?: string | null,"merged_at"?: string | null,"merged_by"?: string | null,"number"?: number,"opened_at"?: string,"repository_id"?: number,"source_delivery"?: string,"source_updated_at"?: string,"state"?: string,"title"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "pull_requests_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"quotas": {
                  Row: {
                    "artifact_bytes_per_day": number | null,"created_at": string,"deliveries_per_day": number | null,"excerpts": number | null,"id": string,"installation_id": number | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "artifact_bytes_per_day"?: number | null,"created_at"?: string,"deliveries_per_day"?: number | null,"excerpts"?: number | null,"id"?: string,"installation_id"?: number | null,"updated_at"?: string
                  }
                  Update: {
                    "artifact_bytes_per_day"?: number | null,"created_at"?: string,"deliveries_per_day"?: number | null,"excerpts"?: number | null,"id"?: string,"installation_id"?: number | null,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"repositories": {
                  Row: {
                    "access_since": string,"archived": boolean | null,"created_at": string,"default_branch": string | null,"deleted_at": string | null,"details_delivery": string,"details_updated_at": string,"erased_at": string | null,"gone_at": string | null,"id": number,"installation_id": number | null,"name": string,"owner": string,"policy_parts": (string)[],"presence_delivery": string,"presence_updated_at": string,"private": boolean | null,"project_id": string | null,"rule_suites_looked_at": (number)[],"source_delivery": string,"source_updated_at": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "access_since"?: string,"archived"?: boolean | null,"created_at"?: string,"default_branch"?: string | null,"deleted_at"?: string | null,"details_delivery"?: string,"details_updated_at"?: string,"erased_at"?: string | null,"gone_at"?: string | null,"id": number,"installation_id"?: number | null,"name": string,"owner": string,"policy_parts"?: (string)[],"presence_delivery"?: string,"presence_updated_at"?: string,"private"?: boolean | null,"project_id"?: string | null,"rule_suites_looked_at"?: (number)[],"source_delivery"?: string,"source_updated_at"?: string,"updated_at"?: string
                  }
                  Update: {
                    "access_since"?: string,"archived"?: boolean | null,"created_at"?: string,"default_branch"?: string | null,"deleted_at"?: string | null,"details_delivery"?: string,"details_updated_at"?: string,"erased_at"?: string | null,"gone_at"?: string | null,"id"?: number,"installation_id"?: number | null,"name"?: string,"owner"?: string,"policy_parts"?: (string)[],"presence_delivery"?: string,"presence_updated_at"?: string,"private"?: boolean | null,"project_id"?: string | null,"rule_suites_looked_at"?: (number)[],"source_delivery"?: string,"source_updated_at"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "repositories_installation_id_fkey"
      columns: ["installation_id"]
isOneToOne: false
      referencedRelation: "installations"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "repositories_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"repository_access": {
                  Row: {
                    "checked_at": string | null,"created_at": string,"permission": string,"repository_id": number,"source": string,"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "checked_at"?: string | null,"created_at"?: string,"permission": string,"repository_id": number,"source": string,"updated_at"?: string,"user_id": string
                  }
                  Update: {
                    "checked_at"?: string | null,"created_at"?: string,"permission"?: string,"repository_id"?: number,"source"?: string,"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "repository_access_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "repository_access_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"request_budgets": {
                  Row: {
                    "created_at": string,"installation_id": number,"paused_until": string,"remaining": number,"request_limit": number,"resets_at": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"installation_id": number,"paused_until"?: string,"remaining"?: number,"request_limit"?: number,"resets_at"?: string,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"installation_id"?: number,"paused_until"?: string,"remaining"?: number,"request_limit"?: number,"resets_at"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"retention_policies": {
                  Row: {
                    "archive": boolean,"created_at": string,"id": string,"keep": string | null,"table_name": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "archive"?: boolean,"created_at"?: string,"id"?: string,"keep"?: string | null,"table_name": string,"updated_at"?: string
                  }
                  Update: {
                    "archive"?: boolean,"created_at"?: string,"id"?: string,"keep"?: string | null,"table_name"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"run_ci_events": {
                  Row: {
                    "ci_event_id": string,"created_at": string,"run_id": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "ci_event_id": string,"created_at"?: string,"run_id": string,"updated_at"?: string
                  }
                  Update: {
                    "ci_event_id"?: string,"created_at"?: string,"run_id"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "run_ci_events_ci_event_id_fkey"
      columns: ["ci_event_id"]
isOneToOne: false
      referencedRelation: "ci_events"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "run_ci_events_run_id_fkey"
      columns: ["run_id"]
isOneToOne: false
      referencedRelation: "active_runs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "run_ci_events_run_id_fkey"
      columns: ["run_id"]
isOneToOne: false
      referencedRelation: "runs"
      referencedColumns: ["id"]
    }
                  ]
                },"run_counts": {
                  Row: {
                    "ask_at": string,"asked": number,"counted_at": string | null,"created_at": string,"day": string,"held": number,"repository_id": number,"told": number | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "ask_at"?: string,"asked"?: number,"counted_at"?: string | null,"created_at"?: string,"day": string,"held"?: number,"repository_id": number,"told"?: number | null,"updated_at"?: string
                  }
                  Update: {
                    "ask_at"?: string,"asked"?: number,"counted_at"?: string | null,"created_at"?: string,"day"?: string,"held"?: number,"repository_id"?: number,"told"?: number | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "run_counts_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"runs": {
                  Row: {
                    "ci_event_id": string | null,"ci_run_id": string | null,"commit_sha": string | null,"created_at": string,"current_gate": string | null,"deployed_to": (string)[],"display_name": string | null,"dod_state": string | null,"finished_at": string | null,"gates_failed": number,"gates_passed": number,"id": string,"intent": Json | null,"is_apps": boolean,"pause_reason": string | null,"project_id": string | null,"project_slug": string | null,"pull_request_number": number | null,"repository_id": number | null,"result": string | null,"spec_id": string | null,"sprint_id": string | null,"started_at": string | null,"status": string,"summary_json": Json | null,"total_cost_usd": number,"total_gates": number,"total_tokens_in": number,"total_tokens_out": number,"updated_at": string,"user_id": string | null,"may_work_run": boolean | null,"pause_over_ceiling": boolean | null
                  }
                  ComputedFields: "may_work_run" | "pause_over_ceiling"
                  Insert: {
                    "ci_event_id"?: string | null,"ci_run_id"?: string | null,"commit_sha"?: string | null,"created_at"?: string,"current_gate"?: string | null,"deployed_to"?: (string)[],"display_name"?: string | null,"dod_state"?: string | null,"finished_at"?: string | null,"gates_failed"?: number,"gates_passed"?: number,"id"?: string,"intent"?: Json | null,"is_apps": boolean,"pause_reason"?: string | null,"project_id"?: string | null,"project_slug"?: string | null,"pull_request_number"?: number | null,"repository_id"?: number | null,"result"?: string | null,"spec_id"?: string | null,"sprint_id"?: string | null,"started_at"?: string | null,"status"?: string,"summary_json"?: Json | null,"total_cost_usd"?: number,"total_gates"?: number,"total_tokens_in"?: number,"total_tokens_out"?: number,"updated_at"?: string,"user_id"?: string | null
                  }
                  Update: {
                    "ci_event_id"?: string | null,"ci_run_id"?: string | null,"commit_sha"?: string | null,"created_at"?: string,"current_gate"?: string | null,"deployed_to"?: (string)[],"display_name"?: string | null,"dod_state"?: string | null,"finished_at"?: string | null,"gates_failed"?: number,"gates_passed"?: number,"id"?: string,"intent"?: Json | null,"is_apps"?: boolean,"pause_reason"?: string | null,"project_id"?: string | null,"project_slug"?: string | null,"pull_request_number"?: number | null,"repository_id"?: number | null,"result"?: string | null,"spec_id"?: string | null,"sprint_id"?: string | null,"started_at"?: string | null,"status"?: string,"summary_json"?: Json | null,"total_cost_usd"?: number,"total_gates"?: number,"total_tokens_in"?: number,"total_tokens_out"?: number,"updated_at"?: string,"user_id"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "runs_ci_event_id_fkey"
      columns: ["ci_event_id"]
isOneToOne: false
      referencedRelation: "ci_events"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "runs_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "runs_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "runs_spec_id_fkey"
      columns: ["spec_id"]
isOneToOne: false
      referencedRelation: "specs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "runs_sprint_id_fkey"
      columns: ["sprint_id"]
isOneToOne: false
      referencedRelation: "sprints"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "runs_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"sign_in_states": {
                  Row: {
                    "browser_hash": string,"created_at": string,"return_to": string,"sealed_verifier": string,"state_hash": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "browser_hash": string,"created_at"?: string,"return_to": string,"sealed_verifier": string,"state_hash": string,"updated_at"?: string
                  }
                  Update: {
                    "browser_hash"?: string,"created_at"?: string,"return_to"?: string,"sealed_verifier"?: string,"state_hash"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"sign_ins": {
                  Row: {
                    "created_at": string,"ended_at": string | null,"id": string,"last_seen_at": string,"token_hash": string,"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"ended_at"?: string | null,"id"?: string,"last_seen_at"?: string,"token_hash": string,"updated_at"?: string,"user_id": string
                  }
                  Update: {
                    "created_at"?: string,"ended_at"?: string | null,"id"?: string,"last_seen_at"?: string,"token_hash"?: string,"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "sign_ins_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"specs": {
                  Row: {
                    "artifact_type": string | null,"branch": string | null,"content": string | null,"cost_profile": NonNullable<Json>,"created_at": string,"created_by": string | null,"created_by_user_id": string | null,"document_bytes": number | null,"document_sha256": string | null,"id": string,"intent_schema": NonNullable<Json>,"is_active": boolean,"object_path": string | null,"object_stored_at": string | null,"output_formats": (string)[],"output_guarantees": NonNullable<Json>,"project_id": string | null,"published_at": string | null,"qa_config": NonNullable<Json>,"repo": string | null,"sha": string | null,"stages": NonNullable<Json>,"storage_path": string | null,"template_id": string | null,"updated_at": string,"version": string | null,"version_hash": string | null,"visibility": string
                  }
                  ComputedFields: never
                  Insert: {
                    "artifact_type"?: string | null,"branch"?: string | null,"content"?: string | null,"cost_profile"?: NonNullable<Json>,"created_at"?: string,"created_by"?: string | null,"created_by_user_id"?: string | null,"document_bytes"?: number | null,"document_sha256"?: string | null,"id"?: string,"intent_schema"?: NonNullable<Json>,"is_active"?: boolean,"object_path"?: string | null,"object_stored_at"?: string | null,"output_formats"?: (string)[],"output_guarantees"?: NonNullable<Json>,"project_id"?: string | null,"published_at"?: string | null,"qa_config"?: NonNullable<Json>,"repo"?: string | null,"sha"?: string | null,"stages"?: NonNullable<Json>,"storage_path"?: string | null,"template_id"?: string | null,"updated_at"?: string,"version"?: string | null,"version_hash"?: string | null,"visibility"?: string
                  }
                  Update: {
                    "artifact_type"?: string | null,"branch"?: string | null,"content"?: string | null,"cost_profile"?: NonNullable<Json>,"created_at"?: string,"created_by"?: string | null,"created_by_user_id"?: string | null,"document_bytes"?: number | null,"document_sha256"?: string | null,"id"?: string,"intent_schema"?: NonNullable<Json>,"is_active"?: boolean,"object_path"?: string | null,"object_stored_at"?: string | null,"output_formats"?: (string)[],"output_guarantees"?: NonNullable<Json>,"project_id"?: string | null,"published_at"?: string | null,"qa_config"?: NonNullable<Json>,"repo"?: string | null,"sha"?: string | null,"stages"?: NonNullable<Json>,"storage_path"?: string | null,"template_id"?: string | null,"updated_at"?: string,"version"?: string | null,"version_hash"?: string | null,"visibility"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "specs_created_by_user_id_fkey"
      columns: ["created_by_user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "specs_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "specs_template_id_fkey"
      columns: ["template_id"]
isOneToOne: false
      referencedRelation: "workflow_templates"
      referencedColumns: ["id"]
    }
                  ]
                },"sprints": {
                  Row: {
                    "created_at": string,"dod_json": NonNullable<Json>,"id": string,"label": string,"project_id": string | null,"spec_id": string,"state": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"dod_json": NonNullable<Json>,"id"?: string,"label": string,"project_id"?: string | null,"spec_id": string,"state"?: string,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"dod_json"?: NonNullable<Json>,"id"?: string,"label"?: string,"project_id"?: string | null,"spec_id"?: string,"state"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "sprints_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "sprints_spec_id_fkey"
      columns: ["spec_id"]
isOneToOne: false
      referencedRelation: "specs"
      referencedColumns: ["id"]
    }
                  ]
                },"sweep_requests": {
                  Row: {
                    "ask_at": string,"asked": number,"created_at": string,"done_at": string | null,"id": string,"installation_id": number | null,"kind": string,"reason": string,"repository_id": number | null,"since": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "ask_at"?: string,"asked"?: number,"created_at"?: string,"done_at"?: string | null,"id"?: string,"installation_id"?: number | null,"kind": string,"reason": string,"repository_id"?: number | null,"since": string,"updated_at"?: string
                  }
                  Update: {
                    "ask_at"?: string,"asked"?: number,"created_at"?: string,"done_at"?: string | null,"id"?: string,"installation_id"?: number | null,"kind"?: string,"reason"?: string,"repository_id"?: number | null,"since"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"sweep_subjects": {
                  Row: {
                    "ask_at": string,"asked": number,"created_at": string,"etag": string | null,"given_up_at": string | null,"kind": string,"reason": string,"repository_id": number,"subject": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "ask_at"?: string,"asked"?: number,"created_at"?: string,"etag"?: string | null,"given_up_at"?: string | null,"kind": string,"reason": string,"repository_id": number,"subject": string,"updated_at"?: string
                  }
                  Update: {
                    "ask_at"?: string,"asked"?: number,"created_at"?: string,"etag"?: string | null,"given_up_at"?: string | null,"kind"?: string,"reason"?: string,"repository_id"?: number,"subject"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "sweep_subjects_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"task_runs": {
                  Row: {
                    "agent_run_id": string | null,"created_at": string,"id": string,"phase": string,"project_id": string,"status": string,"summary": string | null,"task_id": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "agent_run_id"?: string | null,"created_at"?: string,"id"?: string,"phase": string,"project_id": string,"status"?: string,"summary"?: string | null,"task_id": string,"updated_at"?: string
                  }
                  Update: {
                    "agent_run_id"?: string | null,"created_at"?: string,"id"?: string,"phase"?: string,"project_id"?: string,"status"?: string,"summary"?: string | null,"task_id"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "task_runs_agent_run_id_fkey"
      columns: ["agent_run_id"]
isOneToOne: false
      referencedRelation: "agent_runs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "task_runs_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "task_runs_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "active_tasks"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "task_runs_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "task_progress"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "task_runs_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["id"]
    }
                  ]
                },"tasks": {
                  Row: {
                    "acceptance_criteria": (string)[],"assignee_agent_id": string | null,"assignee_human": string | null,"completed_at": string | null,"constraints": NonNullable<Json>,"created_at": string,"deleted_at": string | null,"dependencies": (string)[],"description": string | null,"due_date": string | null,"id": string,"impact_axes": (string)[],"locked_at": string | null,"locked_by": string | null,"milestone_id": string | null,"parent_task_id": string | null,"priority": number,"project_id": string,"size": string | null,"status": string,"title": string,"updated_at": string,"user_id": string | null,"zone": string,"describe_task": Json | null
                  }
                  ComputedFields: "describe_task"
                  Insert: {
                    "acceptance_criteria"?: (string)[],"assignee_agent_id"?: string | null,"assignee_human"?: string | null,"completed_at"?: string | null,"constraints"?: NonNullable<Json>,"created_at"?: string,"deleted_at"?: string | null,"dependencies"?: (string)[],"description"?: string | null,"due_date"?: string | null,"id"?: string,"impact_axes"?: (string)[],"locked_at"?: string | null,"locked_by"?: string | null,"milestone_id"?: string | null,"parent_task_id"?: string | null,"priority"?: number,"project_id": string,"size"?: string | null,"status"?: string,"title": string,"updated_at"?: string,"user_id"?: string | null,"zone"?: string
                  }
                  Update: {
                    "acceptance_criteria"?: (string)[],"assignee_agent_id"?: string | null,"assignee_human"?: string | null,"completed_at"?: string | null,"constraints"?: NonNullable<Json>,"created_at"?: string,"deleted_at"?: string | null,"dependencies"?: (string)[],"description"?: string | null,"due_date"?: string | null,"id"?: string,"impact_axes"?: (string)[],"locked_at"?: string | null,"locked_by"?: string | null,"milestone_id"?: string | null,"parent_task_id"?: string | null,"priority"?: number,"project_id"?: string,"size"?: string | null,"status"?: string,"title"?: string,"updated_at"?: string,"user_id"?: string | null,"zone"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "tasks_assignee_agent_id_fkey"
      columns: ["assignee_agent_id"]
isOneToOne: false
      referencedRelation: "agents"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "tasks_milestone_id_fkey"
      columns: ["milestone_id"]
isOneToOne: false
      referencedRelation: "milestones"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "tasks_parent_task_id_fkey"
      columns: ["parent_task_id"]
isOneToOne: false
      referencedRelation: "active_tasks"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "tasks_parent_task_id_fkey"
      columns: ["parent_task_id"]
isOneToOne: false
      referencedRelation: "task_progress"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "tasks_parent_task_id_fkey"
      columns: ["parent_task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "tasks_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "tasks_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"test_days": {
                  Row: {
                    "day": string,"failed": number,"flaky": number,"on_default_branch": boolean,"passed": number,"seconds": number,"skipped": number,"test_id": number
                  }
                  ComputedFields: never
                  Insert: {
                    "day": string,"failed"?: number,"flaky"?: number,"on_default_branch": boolean,"passed"?: number,"seconds"?: number,"skipped"?: number,"test_id": number
                  }
                  Update: {
                    "day"?: string,"failed"?: number,"flaky"?: number,"on_default_branch"?: boolean,"passed"?: number,"seconds"?: number,"skipped"?: number,"test_id"?: number
                  }
                  Relationships: [
                    {
      foreignKeyName: "test_days_test_id_fkey"
      columns: ["test_id"]
isOneToOne: false
      referencedRelation: "tests"
      referencedColumns: ["id"]
    }
                  ]
                },"test_reports": {
                  Row: {
                    "artifact_id": string | null,"cases": number,"ci_event_id": string,"commit_sha": string,"created_at": string,"day": string,"from_fork": boolean,"id": number,"name": string | null,"not_counted": string | null,"omitted": number,"on_default_branch": boolean,"passed": unknown,"ref": string | null,"repository_id": number,"skipped": unknown,"source": string,"updated_at": string,"tests_concerned": (number)[] | null,"uncount_report": undefined | null
                  }
                  ComputedFields: "tests_concerned" | "uncount_report"
                  Insert: {
                    "artifact_id"?: string | null,"cases"?: number,"ci_event_id": string,"commit_sha": string,"created_at"?: string,"day": string,"from_fork": boolean,"id"?: never,"name"?: string | null,"not_counted"?: string | null,"omitted"?: number,"on_default_branch": boolean,"passed"?: unknown,"ref"?: string | null,"repository_id": number,"skipped"?: unknown,"source": string,"updated_at"?: string
                  }
                  Update: {
                    "artifact_id"?: string | null,"cases"?: number,"ci_event_id"?: string,"commit_sha"?: string,"created_at"?: string,"day"?: string,"from_fork"?: boolean,"id"?: never,"name"?: string | null,"not_counted"?: string | null,"omitted"?: number,"on_default_branch"?: boolean,"passed"?: unknown,"ref"?: string | null,"repository_id"?: number,"skipped"?: unknown,"source"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "test_reports_artifact_id_fkey"
      columns: ["artifact_id"]
isOneToOne: false
      referencedRelation: "artifact_browser"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "test_reports_artifact_id_fkey"
      columns: ["artifact_id"]
isOneToOne: false
      referencedRelation: "artifacts"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "test_reports_ci_event_id_fkey"
      columns: ["ci_event_id"]
isOneToOne: false
      referencedRelation: "ci_events"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "test_reports_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"test_results": {
                  Row: {
                    "artifact_id": string | null,"ci_event_id": string,"ci_job_id": string | null,"commit_sha": string,"created_at": string,"duration_ms": number | null,"file_path": string | null,"id": string,"is_flaky": boolean,"message": string | null,"name": string,"repository_id": number,"run_attempt": number,"status": string,"suite": string,"test_id": number | null,"test_report_id": number | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "artifact_id"?: string | null,"ci_event_id": string,"ci_job_id"?: string | null,"commit_sha": string,"created_at"?: string,"duration_ms"?: number | null,"file_path"?: string | null,"id"?: string,"is_flaky"?: boolean,"message"?: string | null,"name": string,"repository_id": number,"run_attempt": number,"status": string,"suite": string,"test_id"?: number | null,"test_report_id"?: number | null,"updated_at"?: string
                  }
                  Update: {
                    "artifact_id"?: string | null,"ci_event_id"?: string,"ci_job_id"?: string | null,"commit_sha"?: string,"created_at"?: string,"duration_ms"?: number | null,"file_path"?: string | null,"id"?: string,"is_flaky"?: boolean,"message"?: string | null,"name"?: string,"repository_id"?: number,"run_attempt"?: number,"status"?: string,"suite"?: string,"test_id"?: number | null,"test_report_id"?: number | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "test_results_artifact_id_fkey"
      columns: ["artifact_id"]
isOneToOne: false
      referencedRelation: "artifact_browser"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "test_results_artifact_id_fkey"
      columns: ["artifact_id"]
isOneToOne: false
      referencedRelation: "artifacts"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "test_results_ci_event_id_fkey"
      columns: ["ci_event_id"]
isOneToOne: false
      referencedRelation: "ci_events"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "test_results_ci_job_id_fkey"
      columns: ["ci_job_id"]
isOneToOne: false
      referencedRelation: "ci_jobs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "test_results_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "test_results_test_id_fkey"
      columns: ["test_id"]
isOneToOne: false
      referencedRelation: "tests"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "test_results_test_report_id_fkey"
      columns: ["test_report_id"]
isOneToOne: false
      referencedRelation: "test_reports"
      referencedColumns: ["id"]
    }
                  ]
                },"test_states": {
                  Row: {
                    "as_of": string,"changed_at": string,"failing_since": string | null,"failing_since_run": string | null,"failing_since_sha": string | null,"first_passed_at": string | null,"last_status": string,"on_default_branch": boolean,"state": string,"state_evidence": Json | null,"state_since": string | null,"test_id": number
                  }
                  ComputedFields: never
                  Insert: {
                    "as_of": string,"changed_at": string,"failing_since"?: string | null,"failing_since_run"?: string | null,"failing_since_sha"?: string | null,"first_passed_at"?: string | null,"last_status": string,"on_default_branch": boolean,"state"?: string,"state_evidence"?: Json | null,"state_since"?: string | null,"test_id": number
                  }
                  Update: {
                    "as_of"?: string,"changed_at"?: string,"failing_since"?: string | null,"failing_since_run"?: string | null,"failing_since_sha"?: string | null,"first_passed_at"?: string | null,"last_status"?: string,"on_default_branch"?: boolean,"state"?: string,"state_evidence"?: Json | null,"state_since"?: string | null,"test_id"?: number
                  }
                  Relationships: [
                    {
      foreignKeyName: "test_states_test_id_fkey"
      columns: ["test_id"]
isOneToOne: false
      referencedRelation: "tests"
      referencedColumns: ["id"]
    }
                  ]
                },"test_today": {
                  Row: {
                    "day": string,"failed": number,"flaky": number,"on_default_branch": boolean,"passed": number,"seconds": number,"skipped": number,"test_id": number
                  }
                  ComputedFields: never
                  Insert: {
                    "day": string,"failed"?: number,"flaky"?: number,"on_default_branch": boolean,"passed"?: number,"seconds"?: number,"skipped"?: number,"test_id": number
                  }
                  Update: {
                    "day"?: string,"failed"?: number,"flaky"?: number,"on_default_branch"?: boolean,"passed"?: number,"seconds"?: number,"skipped"?: number,"test_id"?: number
                  }
                  Relationships: [
                    {
      foreignKeyName: "test_today_test_id_fkey"
      columns: ["test_id"]
isOneToOne: false
      referencedRelation: "tests"
      referencedColumns: ["id"]
    }
                  ]
                },"tests": {
                  Row: {
                    "created_at": string,"file_path": string | null,"first_seen_sha": string | null,"id": number,"key": string,"last_seen_on": string,"name": string,"number": number,"repository_id": number,"suite": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"file_path"?: string | null,"first_seen_sha"?: string | null,"id"?: never,"key": string,"last_seen_on"?: string,"name": string,"number": number,"repository_id": number,"suite": string,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"file_path"?: string | null,"first_seen_sha"?: string | null,"id"?: never,"key"?: string,"last_seen_on"?: string,"name"?: string,"number"?: number,"repository_id"?: number,"suite"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "tests_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"user_overrides": {
                  Row: {
                    "client_id": string | null,"commit_sha": string | null,"created_at": string,"criterion": string | null,"expires_at": string | null,"github_comment_id": number | null,"github_comment_place": number,"github_rule_suite_id": number | null,"id": string,"made_by": string | null,"made_through": string | null,"override_type": string,"project_id": string,"pull_request_number": number | null,"reason": string,"repository_id": number | null,"revoked_at": string | null,"revoked_by": string | null,"revoked_comment_id": number | null,"revoked_comment_place": number | null,"target_id": string | null,"target_type": string | null,"updated_at": string,"user": string,"user_id": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "client_id"?: string | null,"commit_sha"?: string | null,"created_at"?: string,"criterion"?: string | null,"expires_at"?: string | null,"github_comment_id"?: number | null,"github_comment_place"?: number,"github_rule_suite_id"?: number | null,"id"?: string,"made_by"?: string | null,"made_through"?: string | null,"override_type": string,"project_id": string,"pull_request_number"?: number | null,"reason": string,"repository_id"?: number | null,"revoked_at"?: string | null,"revoked_by"?: string | null,"revoked_comment_id"?: number | null,"revoked_comment_place"?: number | null,"target_id"?: string | null,"target_type"?: string | null,"updated_at"?: string,"user": string,"user_id"?: string | null
                  }
                  Update: {
                    "client_id"?: string | null,"commit_sha"?: string | null,"created_at"?: string,"criterion"?: string | null,"expires_at"?: string | null,"github_comment_id"?: number | null,"github_comment_place"?: number,"github_rule_suite_id"?: number | null,"id"?: string,"made_by"?: string | null,"made_through"?: string | null,"override_type"?: string,"project_id"?: string,"pull_request_number"?: number | null,"reason"?: string,"repository_id"?: number | null,"revoked_at"?: string | null,"revoked_by"?: string | null,"revoked_comment_id"?: number | null,"revoked_comment_place"?: number | null,"target_id"?: string | null,"target_type"?: string | null,"updated_at"?: string,"user"?: string,"user_id"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "user_overrides_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "user_overrides_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "user_overrides_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"ux_snippets": {
                  Row: {
                    "approved_by": string | null,"code_sample": string,"created_at": string,"deleted_at": string | null,"description": string | null,"id": string,"name": string,"preview_url": string | null,"project_id": string | null,"quality_score": number | null,"tags": (string)[],"tech_stack": (string)[],"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "approved_by"?: string | null,"code_sample": string,"created_at"?: string,"deleted_at"?: string | null,"description"?: string | null,"id"?: string,"name": string,"preview_url"?: string | null,"project_id"?: string | null,"quality_score"?: number | null,"tags"?: (string)[],"tech_stack"?: (string)[],"updated_at"?: string
                  }
                  Update: {
                    "approved_by"?: string | null,"code_sample"?: string,"created_at"?: string,"deleted_at"?: string | null,"description"?: string | null,"id"?: string,"name"?: string,"preview_url"?: string | null,"project_id"?: string | null,"quality_score"?: number | null,"tags"?: (string)[],"tech_stack"?: (string)[],"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "ux_snippets_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"verdicts": {
                  Row: {
                    "created_at": string,"error_id": string | null,"evidence": NonNullable<Json>,"id": string,"repository_id": number,"rule": string,"sentence": string,"updated_at": string,"verdict": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"error_id"?: string | null,"evidence": NonNullable<Json>,"id"?: string,"repository_id": number,"rule": string,"sentence": string,"updated_at"?: string,"verdict": string
                  }
                  Update: {
                    "created_at"?: string,"error_id"?: string | null,"evidence"?: NonNullable<Json>,"id"?: string,"repository_id"?: number,"rule"?: string,"sentence"?: string,"updated_at"?: string,"verdict"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "verdicts_error_id_fkey"
      columns: ["error_id"]
isOneToOne: false
      referencedRelation: "errors"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "verdicts_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"webhook_deliveries": {
                  Row: {
                    "action": string | null,"app_id": number,"attempts": number,"available_at": string,"claim": number,"created_at": string,"event": string,"guid": string,"installation_id": number | null,"interruptions": number,"last_error": string | null,"locked_by": string | null,"locked_until": string | null,"payload": NonNullable<Json>,"processed_at": string | null,"received_at": string,"repository_id": number | null,"status": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "action"?: string | null,"app_id": number,"attempts"?: number,"available_at"?: string,"claim"?: number,"created_at"?: string,"event": string,"guid": string,"installation_id"?: number | null,"interruptions"?: number,"last_error"?: string | null,"locked_by"?: string | null,"locked_until"?: string | null,"payload": NonNullable<Json>,"processed_at"?: string | null,"received_at"?: string,"repository_id"?: number | null,"status"?: string,"updated_at"?: string
                  }
                  Update: {
                    "action"?: string | null,"app_id"?: number,"attempts"?: number,"available_at"?: string,"claim"?: number,"created_at"?: string,"event"?: string,"guid"?: string,"installation_id"?: number | null,"interruptions"?: number,"last_error"?: string | null,"locked_by"?: string | null,"locked_until"?: string | null,"payload"?: NonNullable<Json>,"processed_at"?: string | null,"received_at"?: string,"repository_id"?: number | null,"status"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"workflow_templates": {
                  Row: {
                    "created_at": string,"created_by": string | null,"depth": string,"description": string | null,"estimated_time": string | null,"id": string,"is_active": boolean,"is_featured": boolean,"name": string,"slug": string,"sort_order": number,"step_count": number | null,"tags": (string)[],"type": string,"updated_at": string,"what_you_get": NonNullable<Json>
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"created_by"?: string | null,"depth"?: string,"description"?: string | null,"estimated_time"?: string | null,"id"?: string,"is_active"?: boolean,"is_featured"?: boolean,"name": string,"slug": string,"sort_order"?: number,"step_count"?: number | null,"tags"?: (string)[],"type": string,"updated_at"?: string,"what_you_get"?: NonNullable<Json>
                  }
                  Update: {
                    "created_at"?: string,"created_by"?: string | null,"depth"?: string,"description"?: string | null,"estimated_time"?: string | null,"id"?: string,"is_active"?: boolean,"is_featured"?: boolean,"name"?: string,"slug"?: string,"sort_order"?: number,"step_count"?: number | null,"tags"?: (string)[],"type"?: string,"updated_at"?: string,"what_you_get"?: NonNullable<Json>
                  }
                  Relationships: [
                    {
      foreignKeyName: "workflow_templates_created_by_fkey"
      columns: ["created_by"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                }
          }
          Views: {
            "active_runs": {
                  Row: {
                    "commit_sha": string | null,"current_gate": string | null,"display_name": string | null,"gates_failed": number,"gates_passed": number,"id": string,"pause_reason": string | null,"project_id": string | null,"pull_request_number": number | null,"repository_id": number | null,"spec_id": string | null,"sprint_id": string | null,"sprint_label": string | null,"started_at": string | null,"status": string,"template_name": string | null,"total_cost_usd": number,"total_gates": number,"user_id": string | null,"version": string | null
                  }
                  ComputedFields: never
                  Relationships: [
                    {
      foreignKeyName: "runs_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "runs_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "runs_spec_id_fkey"
      columns: ["spec_id"]
isOneToOne: false
      referencedRelation: "specs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "runs_sprint_id_fkey"
      columns: ["sprint_id"]
isOneToOne: false
      referencedRelation: "sprints"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "runs_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"active_tasks": {
                  Row: {
                    "acceptance_criteria": (string)[],"assignee_agent_id": string | null,"assignee_human": string | null,"constraints": NonNullable<Json>,"created_at": string,"dependencies": (string)[],"description": string | null,"due_date": string | null,"id": string,"impact_axes": (string)[],"is_actively_locked": boolean | null,"locked_at": string | null,"locked_by": string | null,"milestone_id": string | null,"parent_task_id": string | null,"priority": number,"project_id": string,"project_name": string,"size": string | null,"status": string,"title": string,"updated_at": string,"user_id": string | null,"zone": string
                  }
                  ComputedFields: never
                  Relationships: [
                    {
      foreignKeyName: "tasks_assignee_agent_id_fkey"
      columns: ["assignee_agent_id"]
isOneToOne: false
      referencedRelation: "agents"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "tasks_milestone_id_fkey"
      columns: ["milestone_id"]
isOneToOne: false
      referencedRelation: "milestones"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "tasks_parent_task_id_fkey"
      columns: ["parent_task_id"]
isOneToOne: false
      referencedRelation: "active_tasks"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "tasks_parent_task_id_fkey"
      columns: ["parent_task_id"]
isOneToOne: false
      referencedRelation: "task_progress"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "tasks_parent_task_id_fkey"
      columns: ["parent_task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "tasks_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "tasks_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"artifact_browser": {
                  Row: {
                    "artifact_type": string | null,"content_hash": string | null,"content_type": string | null,"created_at": string,"file_name": string | null,"file_path": string | null,"gate_execution_id": string | null,"gate_id": string | null,"id": string,"kind": string,"project_id": string | null,"project_slug": string | null,"ref": string | null,"run_id": string | null,"run_name": string | null,"size_bytes": number | null,"storage_path": string | null,"summary": string | null,"task_id": string | null,"task_title": string | null,"url": string | null,"user_id": string | null
                  }
                  ComputedFields: never
                  Relationships: [
                    {
      foreignKeyName: "artifacts_gate_execution_id_fkey"
      columns: ["gate_execution_id"]
isOneToOne: false
      referencedRelation: "gate_executions"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_gate_execution_id_fkey"
      columns: ["gate_execution_id"]
isOneToOne: false
      referencedRelation: "run_gate_timeline"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_run_id_fkey"
      columns: ["run_id"]
isOneToOne: false
      referencedRelation: "active_runs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_run_id_fkey"
      columns: ["run_id"]
isOneToOne: false
      referencedRelation: "runs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "active_tasks"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "task_progress"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "artifacts_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"cost_by_model": {
                  Row: {
                    "avg_duration_ms": number | null,"model_id": string | null,"model_provider": string | null,"total_cost": number | null,"total_executions": number | null,"total_tokens_in": number | null,"total_tokens_out": number | null
                  }
                  ComputedFields: never
                  Relationships: [
                    {
      foreignKeyName: "gate_executions_model_id_fkey"
      columns: ["model_id"]
isOneToOne: false
      referencedRelation: "models"
      referencedColumns: ["id"]
    }
                  ]
                },"dora_weekly": {
                  Row: {
                    "change_failure_rate": number | null,"deployment_frequency": number | null,"deployments": number | null,"lead_time_seconds_median": number | null,"project_id": string,"time_to_restore_seconds_median": number | null,"week": string | null
                  }
                  ComputedFields: never
                  Relationships: [
                    {
      foreignKeyName: "deployments_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"failure_causes_weekly": {
                  Row: {
                    "bug_pattern_id": string | null,"category": string | null,"failed_runs": number | null,"failures": number | null,"minutes_lost": number | null,"pattern_name": string | null,"project_id": string,"week": string | null
                  }
                  ComputedFields: never
                  Relationships: [
                    {
      foreignKeyName: "error_matches_bug_pattern_id_fkey"
      columns: ["bug_pattern_id"]
isOneToOne: false
      referencedRelation: "bug_patterns"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "errors_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"flaky_tests": {
                  Row: {
                    "commits": number | null,"failures": number | null,"last_failed_at": string | null,"name": string,"project_id": string | null,"repository_id": number,"runs": number | null,"suite": string
                  }
                  ComputedFields: never
                  Relationships: [
                    {
      foreignKeyName: "repositories_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "test_results_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"recent_events": {
                  Row: {
                    "created_at": string,"event_type": string,"id": number,"payload": NonNullable<Json>,"project_id": string | null,"project_name": string,"run_id": string | null,"task_id": string | null,"task_title": string | null,"user_id": string | null
                  }
                  ComputedFields: never
                  Relationships: [
                    
                  ]
                },"run_gate_timeline": {
                  Row: {
                    "agent_slug": string | null,"attempt_number": number,"completed_at": string | null,"cost_usd": number | null,"created_at": string,"duration_ms": number,"fail_codes": (string)[],"gate_id": string,"gate_name": string,"gate_order": number,"id": string,"locked_by": string | null,"locked_until": string | null,"max_attempts": number,"model_id": string | null,"model_provider": string | null,"note": string | null,"phase": string | null,"progress": number,"project_id": string | null,"run_id": string,"started_at": string | null,"status": string,"tokens_in": number,"tokens_out": number,"validation_results": NonNullable<Json>
                  }
                  ComputedFields: never
                  Relationships: [
                    {
      foreignKeyName: "gate_executions_model_id_fkey"
      columns: ["model_id"]
isOneToOne: false
      referencedRelation: "models"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "gate_executions_run_id_fkey"
      columns: ["run_id"]
isOneToOne: false
      referencedRelation: "active_runs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "gate_executions_run_id_fkey"
      columns: ["run_id"]
isOneToOne: false
      referencedRelation: "runs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "runs_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"slowest_workflows": {
                  Row: {
                    "p50_seconds": number | null,"p95_seconds": number | null,"project_id": string,"repository_id": number,"runs": number | null,"workflow_name": string
                  }
                  ComputedFields: never
                  Relationships: [
                    {
      foreignKeyName: "ci_events_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "ci_events_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"status_events": {
                  Row: {
                    "created_at": string,"id": number,"message": string | null,"metadata": Json | null,"phase": string | null,"run_id": string | null
                  }
                  ComputedFields: never
                  Insert: {
                           "created_at"?: string | null,"id"?: number | null,"message"?: string | null,"metadata"?: Json | null,"phase"?: string | null,"run_id"?: string | null
                         }
                        Update: {
                           "created_at"?: string | null,"id"?: number | null,"message"?: string | null,"metadata"?: Json | null,"phase"?: string | null,"run_id"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"task_progress": {
                  Row: {
                    "artifact_count": number | null,"created_at": string,"id": string,"locked_at": string | null,"locked_by": string | null,"priority": number,"project_id": string,"status": string,"title": string,"total_criteria": number | null,"updated_at": string
                  }
                  ComputedFields: never
                  Relationships: [
                    {
      foreignKeyName: "tasks_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"test_day_counts": {
                  Row: {
                    "day": string | null,"failed": number | null,"flaky": number | null,"on_default_branch": boolean | null,"passed": number | null,"seconds": number | null,"skipped": number | null,"test_id": number | null
                  }
                  ComputedFields: never
                  Relationships: [
                    
                  ]
                }
          }
          Functions: {
            "accept_access":
{ Args: { "told": Json }; Returns: undefined
                           },
"accept_answers":
{ Args: { "answers": Json,"questions": Json,"what": string }; Returns: boolean
                           },
"accept_architecture":
{ Args: { "spec": Json,"what": string }; Returns: boolean
                           },
"accept_dod":
{ Args: { "dod": Json,"what": string }; Returns: boolean
                           },
"accept_intent_schema":
{ Args: { "intent_schema": Json }; Returns: boolean
                           },
"accept_job_result":
{ Args: { "agent_type": string,"result": Json }; Returns: boolean
                           },
"accept_job_usage":
{ Args: { "usage": Json }; Returns: boolean
                           },
"accept_modules":
{ Args: { "modules": Json,"what": string }; Returns: boolean
                           },
"accept_questions":
{ Args: { "questions": Json,"what": string }; Returns: boolean
                           },
"accept_requirements":
{ Args: { "spec": Json,"what": string }; Returns: boolean
                           },
"accept_shape":
{ Args: { "shape": Json,"value": Json,"what": string }; Returns: boolean
                           },
"accept_stage_result":
{ Args: { "project_id": string,"result": Json }; Returns: boolean
                           },
"accept_stages":
{ Args: { "stages": Json }; Returns: boolean
                           },
"accept_summary":
{ Args: { "summary": Json,"what": string }; Returns: boolean
                           },
"accept_transcript":
{ Args: { "transcript": Json,"what": string }; Returns: boolean
                           },
"accept_usage":
{ Args: { "usage": Json }; Returns: boolean
                           },
"access_state":
{ Args: { "user_id": string }; Returns: Json
                           },
"act_as":
{ Args: { "user_id": string }; Returns: undefined
                           },
"add_artifact":
{ Args: { "artifact": Json }; Returns: Json
                           },
"admit_account":
{ Args: { "account_id"?: number,"account_login"?: string,"allowed": (string)[],"installation_id"?: number,"is_leaving"?: boolean }; Returns: Json
                           },
"agent_of_job":
{ Args: { "job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']> }; Returns: {
              "allowed_zones": (string)[],
"config_yaml_path": string | null,
"cost_ceiling_usd": number | null,
"created_at": string,
"default_model": string | null,
"description": string | null,
"id": string,
"long_horizon_allowed": boolean,
"max_tokens": number | null,
"model_id": string | null,
"name": string,
"repository_id": number | null,
"role": string,
"slug": string,
"temperature": number | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "codered.agent_jobs"
        to: "agents"
        isOneToOne: true
        isSetofReturn: false
      } },
"agent_of_stage":
{ Args: { "gate": Omit<Database["codered"]['Tables']["gate_executions"]['Row'], Database["codered"]['Tables']["gate_executions"]['ComputedFields']> }; Returns: {
              "allowed_zones": (string)[],
"config_yaml_path": string | null,
"cost_ceiling_usd": number | null,
"created_at": string,
"default_model": string | null,
"description": string | null,
"id": string,
"long_horizon_allowed": boolean,
"max_tokens": number | null,
"model_id": string | null,
"name": string,
"repository_id": number | null,
"role": string,
"slug": string,
"temperature": number | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "codered.gate_executions"
        to: "agents"
        isOneToOne: true
        isSetofReturn: false
      } },
"announce_override":
{ Args: { "head_sha": string,"made": Omit<Database["codered"]['Tables']["user_overrides"]['Row'], Database["codered"]['Tables']["user_overrides"]['ComputedFields']>,"run_id": string }; Returns: undefined
                           },
"answer_before":
{ Args: { "hash": string,"job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']> }; Returns: Json
                           },
"answer_job_questions":
{ Args: { "job_id": string,"responses": Json }; Returns: Json
                           },
"answers_of_job":
{ Args: { "job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']> }; Returns: Json
                           },
"append_status":
{ Args: { "created_at"?: string,"message": string,"metadata": Json,"phase": string,"project_id": string,"run_id": string }; Returns: {
              "created_at": string,
"event_type": string,
"id": number,
"payload": NonNullable<Json>,
"project_id": string | null,
"repository_id": number | null,
"run_id": string | null,
"task_id": string | null,
"user_id": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "events"
        isOneToOne: true
        isSetofReturn: false
      } },
"are_ids":
{ Args: { "list": Json }; Returns: boolean
                           },
"as_uuid":
{ Args: { "word": string }; Returns: string
                           },
"ask_agent_job":
{ Args: { "claim": number,"job_id": string,"questions": Json }; Returns: Json
                           },
"ask_job_questions":
{ Args: { "job_id": string,"questions": Json,"worker": string }; Returns: Json
                           },
"ask_work":
{ Args: { "claim": number,"questions": Json,"work_id": string }; Returns: Json
                           },
"bar_to_agent":
{ Args: { "agent": Omit<Database["codered"]['Tables']["agents"]['Row'], Database["codered"]['Tables']["agents"]['ComputedFields']>,"job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']> }; Returns: string
                           },
"begin_sign_in":
{ Args: { "browser_hash": string,"return_to": string,"sealed_verifier": string,"state_hash": string }; Returns: undefined
                           },
"beyond_kept_errors":
{ Args: { "project_id": string }; Returns: boolean
                           },
"bits_of":
{ Args: { "numbers": (number)[] }; Returns: unknown
                           },
"break_task_lock":
{ Args: { "reason": string,"task_id": string }; Returns: Json
                           },
"budget_status":
{ Args: { "batch": number }; Returns: {
              "account_login": string,"installation_id": number,"paused_seconds": number,"remaining": number,"request_limit": number,"resets_seconds": number
            }[]
                           },
"call_as":
{ Args: { "arguments"?: Json,"name": string,"user_id": string }; Returns: Json
                           },
"call_as_once":
{ Args: { "arguments": Json,"key_hash": string,"name": string,"request_hash": string,"user_id": string }; Returns: Json
                           },
"call_once":
{ Args: { "arguments": Json,"key_hash": string,"name": string,"request_hash": string }; Returns: Json
                           },
"call_operation":
{ Args: { "arguments": Json,"name": string }; Returns: Json
                           },
"caller_name":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"cancel_job":
{ Args: { "job_id": string }; Returns: Json
                           },
"cancel_run":
{ Args: { "run_id": string }; Returns: Json
                           },
"ceiling_of":
{ Args: { "profile": Json,"unit": string }; Returns: number
                           },
"check_batch":
{ Args: { "batch": number,"what": string }; Returns: undefined
                           },
"check_claim":
{ Args: { "batch": number,"lease_seconds": number,"worker": string }; Returns: undefined
                           },
"check_constraints":
{ Args: { "result": Json,"stage": Json }; Returns: Json[]
                           },
"check_cost":
{ Args: { "cost_usd": number,"profile": Json,"tokens": number }; Returns: Json[]
                           },
"check_fields":
{ Args: { "fields": Json,"given": Json,"what": string }; Returns: boolean
                           },
"check_guarantees":
{ Args: { "guarantees": Json,"reported": Json }; Returns: Json[]
                           },
"check_outputs":
{ Args: { "result": Json,"stage": Json }; Returns: Json[]
                           },
"check_place":
{ Args: { "missing": number,"parts": number,"what": string }; Returns: undefined
                           },
"check_quality":
{ Args: { "qa_config": Json,"reported": Json }; Returns: Json[]
                           },
"check_scope":
{ Args: { "scope": string }; Returns: undefined
                           },
"check_stage":
{ Args: { "gate": Omit<Database["codered"]['Tables']["gate_executions"]['Row'], Database["codered"]['Tables']["gate_executions"]['ComputedFields']>,"result": Json,"usage": Json }; Returns: Json
                           },
"check_unchanged":
{ Args: { "expected": string,"present": string,"what": string }; Returns: undefined
                           },
"check_usage":
{ Args: { "gate": Omit<Database["codered"]['Tables']["gate_executions"]['Row'], Database["codered"]['Tables']["gate_executions"]['ComputedFields']>,"run": Omit<Database["codered"]['Tables']["runs"]['Row'], Database["codered"]['Tables']["runs"]['ComputedFields']>,"spec": Omit<Database["codered"]['Tables']["specs"]['Row'], Database["codered"]['Tables']["specs"]['ComputedFields']>,"usage": Json }; Returns: Json[]
                           },
"check_validators":
{ Args: { "result": Json,"stage": Json }; Returns: Json[]
                           },
"check_worker":
{ Args: { "lease_seconds": number,"worker": string }; Returns: undefined
                           },
"check_zones":
{ Args: { "agent": Omit<Database["codered"]['Tables']["agents"]['Row'], Database["codered"]['Tables']["agents"]['ComputedFields']>,"job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']>,"result": Json,"usage": Json }; Returns: (string)[]
                           },
"claim_agent_jobs":
{ Args: { "batch"?: number,"lease_seconds"?: number,"project_id"?: string,"types"?: (string)[],"worker": string }; Returns: Json
                           },
"claim_deliveries":
{ Args: { "batch": number,"lease_seconds": number,"worker": string }; Returns: {
              "app_id": number,"attempts": number,"claim": number,"event": string,"guid": string,"payload": Json
            }[]
                           },
"claim_follow_ups":
{ Args: { "batch": number,"lease_seconds": number,"worker": string }; Returns: {
              "attempts": number,"claim": number,"id": string,"input": Json,"kind": string
            }[]
                           },
"claim_jobs":
{ Args: { "batch": number,"lease_seconds": number,"worker": string }; Returns: {
              "agent_type": string,"attempts": number,"id": string,"input": Json
            }[]
                           },
"claim_publications":
{ Args: { "batch": number,"lease_seconds": number,"spacing_ms"?: number,"worker": string }; Returns: {
              "attempts": number,"claim": number,"desired": Json,"desired_hash": string,"generation": number,"github_id": number,"id": string,"installation_id": number,"kind": string,"owner": string,"repo": string,"repository_id": number,"target": string
            }[]
                           },
"claim_stages":
{ Args: { "batch"?: number,"lease_seconds"?: number,"project_id"?: string,"worker": string }; Returns: Json
                           },
"claim_work":
{ Args: { "batch"?: number,"lease_seconds"?: number,"project_id"?: string,"types"?: Json,"worker": string }; Returns: Json
                           },
"close_claim":
{ Args: { "answer_hash": string,"gate": Omit<Database["codered"]['Tables']["gate_executions"]['Row'], Database["codered"]['Tables']["gate_executions"]['ComputedFields']>,"is_final": boolean,"outcome": Json,"usage": Json,"words": string }; Returns: Json
                           },
"close_event_month":
{ Args: { "archived": boolean,"month": string,"place"?: string,"rows": number,"sha256"?: string }; Returns: string
                           },
"close_gates":
{ Args: { "fail_code": string,"run_id": string }; Returns: undefined
                           },
"close_test_days":
{ Args: { "repository_id": number }; Returns: undefined
                           },
"closing_checks":
{ Args: { "gate": Omit<Database["codered"]['Tables']["gate_executions"]['Row'], Database["codered"]['Tables']["gate_executions"]['ComputedFields']>,"run_id": string }; Returns: (string)[]
                           },
"command_limit":
{ Args: { "name": string }; Returns: number
                           },
"complete_agent_job":
{ Args: { "claim": number,"job_id": string,"result": Json,"task_run_id"?: string,"usage"?: Json }; Returns: Json
                           },
"complete_job":
{ Args: { "id": string,"result"?: Json,"worker": string }; Returns: undefined
                           },
"complete_publication":
{ Args: { "claim"?: number,"github_id"?: number,"id": string,"published_conclusion"?: string,"published_hash": string,"worker": string }; Returns: undefined
                           },
"complete_stage":
{ Args: { "claim": number,"result": Json,"stage_id": string,"usage"?: Json }; Returns: Json
                           },
"complete_work":
{ Args: { "claim": number,"result": Json,"task_run_id"?: string,"usage"?: Json,"work_id": string }; Returns: Json
                           },
"completeness":
{ Args: { "project_id": string,"since": string,"until": string }; Returns: Json
                           },
"cost_of":
{ Args: { "model_id": string,"tokens_in": number,"tokens_out": number }; Returns: number
                           },
"cost_of_usage":
{ Args: { "agent": Omit<Database["codered"]['Tables']["agents"]['Row'], Database["codered"]['Tables']["agents"]['ComputedFields']>,"usage": Json }; Returns: number
                           },
"count_command":
{ Args: { "about": string,"id": number,"repository_id": number }; Returns: {
              "about": string,
"created_at": string,
"heard": number,
"hour_began": string,
"id": number,
"reacted_at": string | null,
"reacted_comment_id": number | null,
"reactions": number,
"repository_id": number,
"standing": string | null,
"standing_at": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "command_counts"
        isOneToOne: true
        isSetofReturn: false
      } },
"count_lines":
{ Args: { "document": string }; Returns: number
                           },
"count_outcomes":
{ Args: { "outcomes": (Database["codered"]['CompositeTypes']["test_outcome"])[],"report": Omit<Database["codered"]['Tables']["test_reports"]['Row'], Database["codered"]['Tables']["test_reports"]['ComputedFields']> }; Returns: undefined
                           },
"count_test_days":
{ Args: { "test_id": number }; Returns: Json
                           },
"create_agent_job":
{ Args: { "agent_type": string,"input": Json,"parent_job_id"?: string,"project_id": string,"user_id"?: string }; Returns: Json
                           },
"create_checkpoint":
{ Args: { "label": string,"project_id": string,"repo_ref"?: string,"resume_instructions"?: string,"snapshot"?: Json,"summary"?: string }; Returns: string
                           },
"create_corpus":
{ Args: { "corpus": Json,"project_id": string }; Returns: Json
                           },
"create_milestone":
{ Args: { "milestone": Json,"project_id": string }; Returns: Json
                           },
"create_override":
{ Args: { "override_type": string,"project_id": string,"reason": string,"target_id": string,"target_type": string }; Returns: Json
                           },
"create_project":
{ Args: { "org"?: string,"project": Json }; Returns: Json
                           },
"create_project_schema":
{ Args: { "project_id": string }; Returns: string
                           },
"create_roadmap":
{ Args: { "project_id": string,"roadmap": Json }; Returns: Json
                           },
"create_task":
{ Args: { "project_id": string,"task": Json }; Returns: Json
                           },
"create_template":
{ Args: { "template": Json }; Returns: Json
                           },
"create_template_version":
{ Args: { "copied_spec_id"?: string,"project_id"?: string,"spec"?: Json,"template_id": string,"version": string }; Returns: Json
                           },
"create_token":
{ Args: { "expires_at": string,"name": string,"scope": string,"token_hash": string,"user_id": string }; Returns: Json
                           },
"current_runs":
{ Args: { "repository_id": number,"sha": string }; Returns: {
              "actor": string | null,
"branch": string | null,
"commit_sha": string,
"conclusion": string | null,
"created_at": string,
"duration_seconds": number | null,
"end_time": string | null,
"event": string | null,
"head_repository_id": number | null,
"html_url": string | null,
"id": string,
"project_id": string,
"provider": string,
"pull_request_numbers": (number)[],
"repository_id": number,
"run_attempt": number,
"run_id": string,
"source_delivery": string,
"source_updated_at": string,
"start_time": string | null,
"status": string,
"summary": string | null,
"trigger": string,
"updated_at": string,
"workflow_name": string,
"workflow_path": string | null,
"zones_touched": (string)[] | null
            }[]
                          SetofOptions: {
        from: "*"
        to: "ci_events"
        isOneToOne: false
        isSetofReturn: true
      } },
"dead_deliveries":
{ Args: { "batch": number }; Returns: {
              "event": string,"guid": string,"last_error": string
            }[]
                           },
"dead_follow_ups":
{ Args: { "batch": number }; Returns: {
              "commit_sha": string,"completed_at": string,"error": string,"id": string,"kind": string,"repository": string
            }[]
                           },
"decide_stage":
{ Args: { "gate_id": string,"is_approved": boolean,"reason": string,"run_id": string }; Returns: Json
                           },
"defer_publication":
{ Args: { "claim"?: number,"delay_ms": number,"error": string,"id": string,"pause_installation_ms": number,"worker": string }; Returns: undefined
                           },
"delete_milestone":
{ Args: { "milestone_id": string }; Returns: Json
                           },
"delete_task":
{ Args: { "task_id": string }; Returns: Json
                           },
"describe_claimed_job":
{ Args: { "agent": Omit<Database["codered"]['Tables']["agents"]['Row'], Database["codered"]['Tables']["agents"]['ComputedFields']>,"job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']>,"lease_seconds": number }; Returns: Json
                           },
"describe_corpus":
{ Args: { "corpus": Omit<Database["codered"]['Tables']["corpora"]['Row'], Database["codered"]['Tables']["corpora"]['ComputedFields']> }; Returns: Json
                           },
"describe_daily_session":
{ Args: { "session": Omit<Database["codered"]['Tables']["daily_sessions"]['Row'], Database["codered"]['Tables']["daily_sessions"]['ComputedFields']> }; Returns: Json
                           },
"describe_failing_run":
{ Args: { "commit_sha": string,"names": (string)[],"repository_id": number,"run": Database["codered"]['CompositeTypes']["failing_run"] }; Returns: Json
                           },
"describe_field":
{ Args: { "field": Json }; Returns: string
                           },
"describe_job_input":
{ Args: { "job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']> }; Returns: Json
                           },
"describe_match":
{ Args: { "match": Omit<Database["codered"]['Tables']["error_matches"]['Row'], Database["codered"]['Tables']["error_matches"]['ComputedFields']> }; Returns: Json
                           },
"describe_model":
{ Args: { "model": Omit<Database["codered"]['Tables']["models"]['Row'], Database["codered"]['Tables']["models"]['ComputedFields']> }; Returns: Json
                           },
"describe_project":
{ Args: { "project": Omit<Database["codered"]['Tables']["projects"]['Row'], Database["codered"]['Tables']["projects"]['ComputedFields']> }; Returns: Json
                           },
"describe_report_event":
{ Args: { "event": Omit<Database["codered"]['Tables']["ci_events"]['Row'], Database["codered"]['Tables']["ci_events"]['ComputedFields']> }; Returns: Json
                           },
"describe_report_job":
{ Args: { "job": Omit<Database["codered"]['Tables']["ci_jobs"]['Row'], Database["codered"]['Tables']["ci_jobs"]['ComputedFields']>,"known_status": string,"run_attempt": number,"workflow_name": string }; Returns: Json
                           },
"describe_roadmap":
{ Args: { "roadmap": Omit<Database["codered"]['Tables']["learning_roadmaps"]['Row'], Database["codered"]['Tables']["learning_roadmaps"]['ComputedFields']> }; Returns: Json
                           },
"describe_task":
{ Args: { "task": Omit<Database["codered"]['Tables']["tasks"]['Row'], Database["codered"]['Tables']["tasks"]['ComputedFields']> }; Returns: Json
                           },
"describe_task_lock":
{ Args: { "locked_at": string,"locked_by": string,"task_id": string }; Returns: Json
                           },
"desire_publication":
{ Args: { "desired": Json,"desired_hash": string,"evidence_version"?: string,"kind": string,"only_if_standing"?: boolean,"recheck"?: boolean,"repository_id": number,"target": string }; Returns: Json
                           },
"documents_before":
{ Args: { "gate": Omit<Database["codered"]['Tables']["gate_executions"]['Row'], Database["codered"]['Tables']["gate_executions"]['ComputedFields']> }; Returns: Json
                           },
"documents_of_job":
{ Args: { "job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']> }; Returns: Json
                           },
"doubt_access":
{ Args: { "user_id": string }; Returns: undefined
                           },
"drop_oauth_record":
{ Args: { "id_hash": string,"kind": string }; Returns: undefined
                           },
"due_artifacts":
{ Args: { "batch"?: number }; Returns: {
              "bytes": number,"created_at": string,"id": string,"storage_paths": (string)[]
            }[]
                           },
"due_follow_ups":
{ Args: { "batch"?: number }; Returns: {
              "bytes": number,"completed_at": string,"id": string
            }[]
                           },
"due_jobs":
{ Args: { "most": number,"project_id": string,"types": (string)[] }; Returns: {
              "id": string,"parent_job_id": string
            }[]
                           },
"due_runs":
{ Args: { "batch"?: number }; Returns: {
              "created_at": string,"id": string,"storage_paths": (string)[]
            }[]
                           },
"end_analyses":
{ Args: { "has_own": boolean,"spec_id": string }; Returns: undefined
                           },
"end_attempt":
{ Args: { "gate": Omit<Database["codered"]['Tables']["gate_executions"]['Row'], Database["codered"]['Tables']["gate_executions"]['ComputedFields']>,"is_final"?: boolean,"outcome": Json,"run_id": string }; Returns: {
              "agent_slug": string | null,
"answer": Json | null,
"answer_hash": string | null,
"attempt_number": number,
"claim_number": number,
"completed_at": string | null,
"cost_usd": number | null,
"created_at": string,
"duration_ms": number,
"fail_codes": (string)[],
"gate_id": string,
"gate_name": string,
"gate_order": number,
"id": string,
"locked_by": string | null,
"locked_until": string | null,
"max_attempts": number,
"model_id": string | null,
"model_provider": string | null,
"note": string | null,
"phase": string | null,
"progress": number,
"prompt_packet": string | null,
"raw_output": string | null,
"run_id": string,
"started_at": string | null,
"status": string,
"stopped_at": string | null,
"tokens_in": number,
"tokens_out": number,
"updated_at": string,
"validation_results": NonNullable<Json>
            }
                          SetofOptions: {
        from: "*"
        to: "gate_executions"
        isOneToOne: true
        isSetofReturn: false
      } },
"end_grant":
{ Args: { "reason": string,"user_id": string,"version": string }; Returns: boolean
                           },
"end_job":
{ Args: { "answer": Json,"delay"?: string,"error": string,"hash": string,"job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']>,"result"?: Json,"status": string }; Returns: Json
                           },
"end_lapsed_job":
{ Args: { "job_id": string,"until": string }; Returns: boolean
                           },
"end_lapsed_run":
{ Args: { "run_id": string,"until": string }; Returns: boolean
                           },
"end_lapsed_stages":
{ Args: { "run_id": string,"until"?: string }; Returns: undefined
                           },
"end_lapsed_work":
{ Args: { "batch"?: number }; Returns: Json
                           },
"end_other_runs":
{ Args: { "run_id": string }; Returns: undefined
                           },
"end_revoked_grants":
{ Args: { "revocations": Json,"told_at": string }; Returns: number
                           },
"end_sign_ins":
{ Args: { "everywhere"?: boolean,"token_hash": string }; Returns: number
                           },
"ending_hash":
{ Args: { "how": string,"said": Json }; Returns: string
                           },
"ensure_agent":
{ Args: { "job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']> }; Returns: {
              "allowed_zones": (string)[],
"config_yaml_path": string | null,
"cost_ceiling_usd": number | null,
"created_at": string,
"default_model": string | null,
"description": string | null,
"id": string,
"long_horizon_allowed": boolean,
"max_tokens": number | null,
"model_id": string | null,
"name": string,
"repository_id": number | null,
"role": string,
"slug": string,
"temperature": number | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "codered.agent_jobs"
        to: "agents"
        isOneToOne: true
        isSetofReturn: false
      } },
"ensure_event_months":
{ Args: { "ahead"?: number }; Returns: string[]
                           },
"ensure_person":
{ Args: { "avatar_url"?: string,"display_name"?: string,"github_id": number,"login": string }; Returns: string
                           },
"ensure_stage_agent":
{ Args: { "gate": Omit<Database["codered"]['Tables']["gate_executions"]['Row'], Database["codered"]['Tables']["gate_executions"]['ComputedFields']> }; Returns: {
              "allowed_zones": (string)[],
"config_yaml_path": string | null,
"cost_ceiling_usd": number | null,
"created_at": string,
"default_model": string | null,
"description": string | null,
"id": string,
"long_horizon_allowed": boolean,
"max_tokens": number | null,
"model_id": string | null,
"name": string,
"repository_id": number | null,
"role": string,
"slug": string,
"temperature": number | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "codered.gate_executions"
        to: "agents"
        isOneToOne: true
        isSetofReturn: false
      } },
"entries_of":
{ Args: { "list": Json }; Returns: Json[]
                           },
"environment_of":
{ Args: { "environment_name": string,"rules": Json }; Returns: string
                           },
"erasable_objects":
{ Args: { "after": string,"batch": number,"scope": Json }; Returns: string[]
                           },
"erase_rows":
{ Args: { "batch": number,"scope": Json,"step": number }; Returns: number
                           },
"erasure_counts":
{ Args: { "scope": Json }; Returns: {
              "rows": number,"step": number,"table_name": string
            }[]
                           },
"erasure_due":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"erasure_of":
{ Args: { "installation_ids"?: (number)[],"org_ids"?: (string)[],"repository_ids": (number)[] }; Returns: Json
                           },
"erasure_of_org":
{ Args: { "login": string }; Returns: Json
                           },
"erasure_of_repository":
{ Args: { "full_name": string }; Returns: Json
                           },
"erasure_steps":
{ Args: Record<PropertyKey, never>; Returns: {
              "condition": string,"step": number,"table_name": string
            }[]
                           },
"estimate_job":
{ Args: { "agent_type": string,"project_id": string }; Returns: string
                           },
"evaluate_sprint":
{ Args: { "run_id": string }; Returns: string
                           },
"event_month_table":
{ Args: { "month": string }; Returns: string
                           },
"event_months":
{ Args: Record<PropertyKey, never>; Returns: string[]
                           },
"event_months_due":
{ Args: Record<PropertyKey, never>; Returns: {
              "archive": boolean,"bytes": number,"month": string,"rows": number
            }[]
                           },
"event_months_missing":
{ Args: { "ahead"?: number }; Returns: string[]
                           },
"event_months_without_partition":
{ Args: Record<PropertyKey, never>; Returns: string[]
                           },
"export_project_files":
{ Args: { "project_id": string }; Returns: Json
                           },
"extend_daily_session":
{ Args: { "project_id": string,"session": Json,"session_id": string }; Returns: Json
                           },
"facts_of":
{ Args: { "facts": Json,"kind": string }; Returns: Json
                           },
"fail_agent_job":
{ Args: { "claim": number,"error": string,"is_final"?: boolean,"job_id": string,"usage"?: Json }; Returns: Json
                           },
"fail_delivery":
{ Args: { "app_id": number,"claim"?: number,"dead": boolean,"delay_ms"?: number,"error": string,"guid": string,"worker"?: string }; Returns: Json
                           },
"fail_follow_up":
{ Args: { "claim": number,"error": string,"id": string }; Returns: undefined
                           },
"fail_job":
{ Args: { "error": string,"id": string,"worker": string }; Returns: undefined
                           },
"fail_stage":
{ Args: { "claim": number,"error": string,"is_final"?: boolean,"stage_id": string,"usage"?: Json }; Returns: Json
                           },
"fail_work":
{ Args: { "claim": number,"error": string,"is_final"?: boolean,"usage"?: Json,"work_id": string }; Returns: Json
                           },
"failure_of":
{ Args: { "error_id": string }; Returns: Json
                           },
"file_of_result":
{ Args: { "result": Json }; Returns: string
                           },
"fill_intent":
{ Args: { "intent": Json,"intent_schema": Json }; Returns: Json
                           },
"find_deployed":
{ Args: { "deployment_ids"?: (string)[],"head_sha"?: string,"repository_id": number }; Returns: {
              "deployment": string,"environment_name": string,"run_id": string
            }[]
                           },
"find_green_log":
{ Args: { "ci_job_id": string }; Returns: Json
                           },
"find_jobs":
{ Args: { "agent_type"?: string,"batch"?: number,"before_created_at"?: string,"before_job"?: string,"parent_job_id"?: string,"project_id": string,"status"?: string }; Returns: Json
                           },
"find_person":
{ Args: { "github_id": number }; Returns: string
                           },
"find_profile":
{ Args: { "login": string }; Returns: string
                           },
"find_repository":
{ Args: { "name": string,"owner": string }; Returns: number
                           },
"find_similar_patterns":
{ Args: { "filter_type"?: string,"match_count"?: number,"query_embedding": Json }; Returns: Json
                           },
"find_sprint":
{ Args: { "branches": (string)[],"repository_id": number }; Returns: {
              "created_at": string,
"dod_json": NonNullable<Json>,
"id": string,
"label": string,
"project_id": string | null,
"spec_id": string,
"state": string,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "sprints"
        isOneToOne: true
        isSetofReturn: false
      } },
"find_sweep_subjects":
{ Args: { "batch": number }; Returns: number
                           },
"finish_chore":
{ Args: { "chore": string,"due_ms": number,"error"?: string,"worker": string }; Returns: undefined
                           },
"finish_erasure":
{ Args: { "counts": Json,"scope": Json }; Returns: undefined
                           },
"finish_follow_up":
{ Args: { "claim": number,"id": string,"result"?: Json }; Returns: undefined
                           },
"finish_gate":
{ Args: { "gate_id": string,"outcome": Json,"run_id": string }; Returns: Json
                           },
"finish_run":
{ Args: { "result": string,"run_id": string,"summary_json"?: Json }; Returns: Json
                           },
"finish_sweep_request":
{ Args: { "id": string }; Returns: undefined
                           },
"finish_task_run":
{ Args: { "status": string,"summary"?: string,"task_run_id": string }; Returns: Json
                           },
"first_answer":
{ Args: { "asked_hash": string,"gate": Omit<Database["codered"]['Tables']["gate_executions"]['Row'], Database["codered"]['Tables']["gate_executions"]['ComputedFields']> }; Returns: Json
                           },
"fits_field":
{ Args: { "field": Json,"value": Json }; Returns: boolean
                           },
"fits_rules":
{ Args: { "fitting": unknown,"key": string,"stage": Json }; Returns: boolean
                           },
"follow_hand":
{ Args: { "org_id"?: string,"repository_id"?: number,"user_id"?: string }; Returns: undefined
                           },
"gate_health":
{ Args: { "stuck_minutes"?: number }; Returns: Json
                           },
"given_artifact":
{ Args: { "artifacts": Json,"target": string }; Returns: Json
                           },
"glob_braces":
{ Args: { "said": string,"start": number }; Returns: {
              "alternatives": (string)[],"past": number
            }[]
                           },
"glob_class":
{ Args: { "said": string }; Returns: string
                           },
"glob_class_end":
{ Args: { "said": string,"start": number }; Returns: number
                           },
"glob_expand":
{ Args: { "glob": string }; Returns: (string)[]
                           },
"glob_expressions":
{ Args: { "glob": string }; Returns: (string)[]
                           },
"glob_is_escape":
{ Args: { "said": string,"start": number }; Returns: boolean
                           },
"glob_matches":
{ Args: { "glob": string,"path": string }; Returns: boolean
                           },
"glob_name":
{ Args: { "said": string }; Returns: string
                           },
"glob_plain":
{ Args: { "glob": string }; Returns: string
                           },
"glob_quote":
{ Args: { "said": string }; Returns: string
                           },
"glob_range":
{ Args: { "high": string,"low": string }; Returns: string
                           },
"glob_reading":
{ Args: { "glob": string }; Returns: (string)[]
                           },
"glob_sign_end":
{ Args: { "said": string,"start": number }; Returns: number
                           },
"green_hits":
{ Args: { "project_id": string }; Returns: {
              "bug_pattern_id": string,"hits": number,"last_hit_at": string,"name": string
            }[]
                           },
"guarded_environments":
{ Args: { "names": (string)[] }; Returns: Json
                           },
"has_bit":
{ Args: { "bits": unknown,"number": number }; Returns: boolean
                           },
"has_unchecked":
{ Args: { "project_id"?: string,"user_id": string }; Returns: boolean
                           },
"heads_after":
{ Args: { "repository_id": number,"sha": string }; Returns: string[]
                           },
"held_runs":
{ Args: { "day": string,"repository_id": number }; Returns: number
                           },
"hold_task":
{ Args: { "locker": string,"task_id": string }; Returns: {
              "acceptance_criteria": (string)[],
"assignee_agent_id": string | null,
"assignee_human": string | null,
"completed_at": string | null,
"constraints": NonNullable<Json>,
"created_at": string,
"deleted_at": string | null,
"dependencies": (string)[],
"description": string | null,
"due_date": string | null,
"id": string,
"impact_axes": (string)[],
"locked_at": string | null,
"locked_by": string | null,
"milestone_id": string | null,
"parent_task_id": string | null,
"priority": number,
"project_id": string,
"size": string | null,
"status": string,
"title": string,
"updated_at": string,
"user_id": string | null,
"zone": string
            }
                          SetofOptions: {
        from: "*"
        to: "tasks"
        isOneToOne: true
        isSetofReturn: false
      } },
"home_of":
{ Args: { "arguments": Json }; Returns: string
                           },
"identity_of_run":
{ Args: { "repository_id": number,"run_id": string }; Returns: {
              "branch": string,"event": string,"head_repository_id": number,"workflow_path": string
            }[]
                           },
"ids_in":
{ Args: { "kind": string,"scope": Json }; Returns: (number)[]
                           },
"ignore_delivery":
{ Args: { "app_id": number,"claim"?: number,"guid": string,"reason": string }; Returns: undefined
                           },
"inbox_status":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"ingest_spec":
{ Args: { "spec": Json }; Returns: Json
                           },
"intent_problems":
{ Args: { "intent": Json,"intent_schema": Json }; Returns: Json
                           },
"is_access_certain":
{ Args: { "user_id": string }; Returns: boolean
                           },
"is_account_allowed":
{ Args: { "account_id": number,"account_login": string,"allowed": (string)[] }; Returns: boolean
                           },
"is_asked":
{ Args: { "delivery": string }; Returns: boolean
                           },
"is_follow_up_blocked":
{ Args: { "follow_up": Omit<Database["codered"]['Tables']["follow_ups"]['Row'], Database["codered"]['Tables']["follow_ups"]['ComputedFields']> }; Returns: boolean
                           },
"is_given_up":
{ Args: { "follow_up": Omit<Database["codered"]['Tables']["follow_ups"]['Row'], Database["codered"]['Tables']["follow_ups"]['ComputedFields']> }; Returns: boolean
                           },
"is_held_back":
{ Args: { "publication": Omit<Database["codered"]['Tables']["publications"]['Row'], Database["codered"]['Tables']["publications"]['ComputedFields']> }; Returns: boolean
                           },
"is_json_document":
{ Args: { "document": string }; Returns: boolean
                           },
"is_list":
{ Args: { "list": Json }; Returns: boolean
                           },
"is_member_call":
{ Args: Record<PropertyKey, never>; Returns: boolean
                           },
"is_newer":
{ Args: { "provider": string,"source_delivery": string,"source_updated_at": string,"status": string,"than_delivery": string,"than_status": string,"than_updated_at": string }; Returns: boolean
                           },
"is_observed":
{ Args: { "run_id": string }; Returns: boolean
                           },
"is_open_head":
{ Args: { "commit_sha": string,"repository_id": number }; Returns: boolean
                           },
"is_operator":
{ Args: Record<PropertyKey, never>; Returns: boolean
                           },
"is_past":
{ Args: { "status": string }; Returns: boolean
                           },
"is_payload_of":
{ Args: { "payload": Json,"scope": Json,"status": string }; Returns: boolean
                           },
"is_person":
{ Args: { "user_id": string }; Returns: boolean
                           },
"is_publication_overtaken":
{ Args: { "id": string }; Returns: boolean
                           },
"is_recheck_queued":
{ Args: { "repository_id": number,"sha": string }; Returns: boolean
                           },
"is_run_for":
{ Args: { "branch": string,"event": string,"head_repository_id": number,"pr": Omit<Database["codered"]['Tables']["pull_requests"]['Row'], Database["codered"]['Tables']["pull_requests"]['ComputedFields']> }; Returns: boolean
                           },
"is_selected":
{ Args: { "guid": string,"guids": (string)[],"received_at": string,"since": string,"status": string,"statuses": (string)[] }; Returns: boolean
                           },
"is_stage":
{ Args: { "work_id": string }; Returns: boolean
                           },
"jobs_of_run":
{ Args: { "repository_id": number,"run_id": string }; Returns: {
              "covered_by": string,"has_new_name": boolean,"id": string,"name": string,"run_attempt": number
            }[]
                           },
"keep_agent_job":
{ Args: { "claim": number,"job_id": string,"lease_seconds"?: number,"note"?: string,"progress"?: number }; Returns: Json
                           },
"keep_answer":
{ Args: { "answer": Json,"key_hash": string,"project_id": string }; Returns: undefined
                           },
"keep_asked_right":
{ Args: { "action": string,"asked_ms_ago": number,"client_id": string,"commit_sha": string,"login": string,"made_by": string,"made_through": string,"pull_request_number": number,"repository_id": number,"user_id": string }; Returns: string
                           },
"keep_chore":
{ Args: { "chore": string,"lease_seconds": number,"worker": string }; Returns: boolean
                           },
"keep_grant":
{ Args: { "access_token_expires_at"?: string,"former"?: string,"refresh_token_expires_at"?: string,"sealed_access_token": string,"sealed_refresh_token"?: string,"user_id": string }; Returns: string
                           },
"keep_green_log":
{ Args: { "green_log": Json }; Returns: undefined
                           },
"keep_oauth_key":
{ Args: { "former"?: string,"kid": string,"sealed_key": string }; Returns: boolean
                           },
"keep_out_delivery":
{ Args: { "app_id": number,"claim"?: number,"guid": string,"reason": string }; Returns: undefined
                           },
"keep_results":
{ Args: { "outcomes": (Database["codered"]['CompositeTypes']["test_outcome"])[],"report": Omit<Database["codered"]['Tables']["test_reports"]['Row'], Database["codered"]['Tables']["test_reports"]['ComputedFields']> }; Returns: undefined
                           },
"keep_spec_document":
{ Args: { "document": Json,"spec_id": string }; Returns: string
                           },
"keep_spec_object":
{ Args: { "spec_id": string }; Returns: undefined
                           },
"keep_stage":
{ Args: { "claim": number,"lease_seconds"?: number,"note"?: string,"progress"?: number,"stage_id": string }; Returns: Json
                           },
"keep_standing":
{ Args: { "author_id": number,"repository_id": number,"standing": string }; Returns: undefined
                           },
"keep_task_lock":
{ Args: { "locker": string,"task_id": string }; Returns: Json
                           },
"keep_work":
{ Args: { "claim": number,"lease_seconds"?: number,"note"?: string,"progress"?: number,"work_id": string }; Returns: Json
                           },
"kept_out_installations_now":
{ Args: { "allowed": (string)[] }; Returns: {
              "account_login": string,"id": number,"reason": string
            }[]
                           },
"land_job_result":
{ Args: { "job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']>,"result": Json }; Returns: undefined
                           },
"lease_end":
{ Args: { "agent": Omit<Database["codered"]['Tables']["agents"]['Row'], Database["codered"]['Tables']["agents"]['ComputedFields']>,"claimed_at": string,"lease_seconds": number }; Returns: string
                           },
"lease_grant":
{ Args: { "seconds": number,"user_id": string,"version": string }; Returns: boolean
                           },
"list_access_due":
{ Args: { "batch"?: number }; Returns: Json
                           },
"list_agent_runs":
{ Args: { "agent"?: string,"batch"?: number,"before_created_at"?: string,"before_run"?: string,"job_id"?: string,"project_id": string,"task_id"?: string }; Returns: Json
                           },
"list_agent_sessions":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_id"?: string,"project_id": string }; Returns: Json
                           },
"list_agents":
{ Args: { "after_slug"?: string,"batch"?: number }; Returns: Json
                           },
"list_artifact_ages":
{ Args: { "newest_attempt": number,"repository_id": number,"run_id": string }; Returns: {
              "artifact_id": string,"is_stale": boolean,"made_in": number
            }[]
                           },
"list_artifacts":
{ Args: { "batch"?: number,"before_artifact"?: string,"before_created_at"?: string,"kind"?: string,"project_id": string,"run_id"?: string,"task_id"?: string }; Returns: Json
                           },
"list_backfills":
{ Args: { "batch": number,"ids"?: (string)[] }; Returns: {
              "counts": Json,"done_to": string,"due_at": string,"error": string,"id": string,"is_running": boolean,"locked_by": string,"missing": Json,"phase": string,"reason": string,"repository": string,"since": string,"state": string,"until": string
            }[]
                           },
"list_base_attempts":
{ Args: { "bases": Json,"commit_sha": string,"repository_id": number,"runs": (Database["codered"]['CompositeTypes']["failing_run"])[] }; Returns: Json
                           },
"list_base_commits":
{ Args: { "around": string,"base_ref": string,"repository_id": number }; Returns: Json
                           },
"list_base_runs":
{ Args: { "around": string,"base_ref": string,"repository_id": number }; Returns: {
              "commit_sha": string,"id": string,"run_attempt": number,"run_number": number,"start_time": string,"workflow_path": string
            }[]
                           },
"list_bug_patterns":
{ Args: { "after_name"?: string,"after_pattern"?: string,"batch"?: number,"category"?: string,"project_id"?: string,"query"?: string }; Returns: Json
                           },
"list_checkpoints":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_id"?: string,"project_id": string }; Returns: Json
                           },
"list_connected_apps":
{ Args: { "user_id": string }; Returns: Json
                           },
"list_corpora":
{ Args: { "after_corpus"?: string,"after_name"?: string,"batch"?: number,"project_id": string }; Returns: Json
                           },
"list_daily_sessions":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_session"?: string,"project_id": string }; Returns: Json
                           },
"list_dead_deliveries":
{ Args: { "batch"?: number,"before_guid"?: string,"before_received_at"?: string }; Returns: Json
                           },
"list_decisions":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_id"?: string,"project_id": string,"standing"?: boolean }; Returns: Json
                           },
"list_deployments":
{ Args: { "batch"?: number,"before_deployment"?: string,"before_started_at"?: string,"commit_sha"?: string,"environment"?: string,"project_id": string,"repository"?: string,"status"?: string }; Returns: Json
                           },
"list_documents":
{ Args: { "after_source"?: string,"after_version"?: string,"batch"?: number,"corpus_id": string,"project_id": string }; Returns: Json
                           },
"list_earlier_failures":
{ Args: { "current_jobs": (string)[],"items": Json,"pull": Omit<Database["codered"]['Tables']["pull_requests"]['Row'], Database["codered"]['Tables']["pull_requests"]['ComputedFields']> }; Returns: Json
                           },
"list_earlier_passes":
{ Args: { "names": (string)[],"repository_id": number,"run": Database["codered"]['CompositeTypes']["failing_run"] }; Returns: Json
                           },
"list_errors":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_error"?: string,"environment"?: string,"project_id": string,"severity"?: string,"source"?: string,"state"?: string }; Returns: Json
                           },
"list_events":
{ Args: { "after_event"?: number,"batch"?: number,"beyond_event"?: number,"direction"?: string,"event_type"?: string,"project_id": string,"run_id"?: string,"since"?: string,"task_id"?: string,"until"?: string }; Returns: Json
                           },
"list_failing_runs":
{ Args: { "commit_sha": string,"repository_id": number }; Returns: Database["codered"]['CompositeTypes']["failing_run"][]
                          SetofOptions: {
        from: "*"
        to: "failing_run"
        isOneToOne: false
        isSetofReturn: true
      } },
"list_failing_tests":
{ Args: { "ci_event_ids": (string)[],"repository_id": number }; Returns: Json
                           },
"list_failures":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_error"?: string,"commit_sha"?: string,"project_id": string,"pull_request"?: number,"repository"?: string }; Returns: Json
                           },
"list_failures_of":
{ Args: { "batch"?: number,"commit_sha"?: string,"pull_request"?: number,"repository": string }; Returns: Json
                           },
"list_failures_of_commit":
{ Args: { "commit_sha": string,"repository_id": number }; Returns: Json
                           },
"list_fingerprint_history":
{ Args: { "repository_id": number,"wanted": Json }; Returns: Json
                           },
"list_flaky_tests":
{ Args: { "after_commits"?: number,"after_name"?: string,"after_repository"?: string,"after_suite"?: string,"batch"?: number,"project_id": string,"repository"?: string }; Returns: Json
                           },
"list_gate_reports":
{ Args: { "pull": Omit<Database["codered"]['Tables']["pull_requests"]['Row'], Database["codered"]['Tables']["pull_requests"]['ComputedFields']>,"sha": string }; Returns: Json
                           },
"list_given":
{ Args: { "artifacts": Json }; Returns: Json
                           },
"list_job_events":
{ Args: { "batch"?: number,"before_id"?: number,"job_id": string }; Returns: Json
                           },
"list_job_results":
{ Args: { "ci_event_ids": (string)[],"names": (string)[] }; Returns: Json
                           },
"list_jobs":
{ Args: { "batch"?: number,"project_id": string,"skip"?: number }; Returns: Json
                           },
"list_lessons":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_id"?: string,"domain_tag"?: string,"project_id": string,"query"?: string,"severity"?: string }; Returns: Json
                           },
"list_members":
{ Args: { "org_login"?: string }; Returns: Json
                           },
"list_milestones":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_id"?: string,"project_id": string }; Returns: Json
                           },
"list_models":
{ Args: { "after_model"?: string,"batch"?: number }; Returns: Json
                           },
"list_newest_jobs":
{ Args: { "run": Omit<Database["codered"]['Tables']["ci_events"]['Row'], Database["codered"]['Tables']["ci_events"]['ComputedFields']> }; Returns: {
              "job": Database["codered"]['Tables']["ci_jobs"]['Row'],"known_status": string,"run_attempt": number
            }[]
                           },
"list_overrides":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_override"?: string,"project_id": string,"pull_request"?: number,"repository"?: string }; Returns: Json
                           },
"list_pattern_use":
{ Args: { "repository_id": number }; Returns: Json
                           },
"list_patterns":
{ Args: { "project_id": string }; Returns: Json
                           },
"list_project_files":
{ Args: { "after_path"?: string,"batch"?: number,"project_id": string,"under"?: string }; Returns: Json
                           },
"list_projects":
{ Args: { "after_slug"?: string,"batch"?: number,"retired"?: boolean }; Returns: Json
                           },
"list_pushes_without_runs":
{ Args: { "around": string,"base_ref": string,"repository_id": number }; Returns: Json
                           },
"list_report_deployments":
{ Args: { "places": (Database["codered"]['Tables']["deployments"]['Row'])[] }; Returns: Json
                           },
"list_roadmaps":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_roadmap"?: string,"project_id": string }; Returns: Json
                           },
"list_run_events":
{ Args: { "batch"?: number,"before_id"?: number,"run_id": string }; Returns: Json
                           },
"list_runs":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_run"?: string,"commit_sha"?: string,"project_id"?: string,"pull_request"?: number,"spec_id"?: string,"sprint_id"?: string,"status"?: string }; Returns: Json
                           },
"list_specs":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_spec"?: string,"branch"?: string,"project_id": string,"repository"?: string }; Returns: Json
                           },
"list_sprints":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_sprint"?: string,"project_id": string,"spec_id"?: string,"state"?: string }; Returns: Json
                           },
"list_task_events":
{ Args: { "batch": number,"before_id"?: number,"task_id": string }; Returns: {
              "created_at": string,"event_type": string,"id": number,"payload": Json,"run_id": string,"user_id": string
            }[]
                           },
"list_task_overrides":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_id"?: string,"task_id": string }; Returns: Json
                           },
"list_task_runs":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_id"?: string,"task_id": string }; Returns: Json
                           },
"list_tasks":
{ Args: { "after_created_at"?: string,"after_priority"?: number,"after_task"?: string,"batch"?: number,"project_id": string,"status"?: string }; Returns: Json
                           },
"list_template_versions":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_spec"?: string,"template_id": string }; Returns: Json
                           },
"list_templates":
{ Args: { "after_slug"?: string,"after_sort_order"?: number,"batch"?: number,"template_type"?: string }; Returns: Json
                           },
"list_test_past":
{ Args: { "at": string,"test_ids": (number)[] }; Returns: Json
                           },
"list_tests":
{ Args: { "after_test"?: number,"batch"?: number,"project_id": string,"query"?: string,"repository"?: string,"status"?: string }; Returns: Json
                           },
"list_tokens":
{ Args: { "user_id"?: string }; Returns: Json
                           },
"list_ux_snippets":
{ Args: { "batch"?: number,"before_created_at"?: string,"before_id"?: string,"project_id": string,"query"?: string,"tag"?: string }; Returns: Json
                           },
"lock_claimed_job":
{ Args: { "claim": number,"job_id": string }; Returns: {
              "agent_type": string,
"answers": Json | null,
"attempts": number,
"cancel_requested_at": string | null,
"celery_task_id": string | null,
"claim_number": number,
"claimed_at": string | null,
"claimed_by": string | null,
"completed_at": string | null,
"created_at": string,
"dedupe_key": string | null,
"error": string | null,
"finishing_answer": Json | null,
"finishing_hash": string | null,
"id": string,
"input": NonNullable<Json>,
"interruptions": number,
"is_apps": boolean,
"locked_by": string | null,
"locked_until": string | null,
"max_attempts": number,
"parent_job_id": string | null,
"progress": number,
"progress_note": string | null,
"project_id": string | null,
"questions": Json | null,
"releases": number,
"result": Json | null,
"run_after": string,
"started_at": string | null,
"status": string,
"updated_at": string,
"user_id": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "agent_jobs"
        isOneToOne: true
        isSetofReturn: false
      } },
"lock_claimed_stage":
{ Args: { "claim": number,"stage_id": string }; Returns: {
              "agent_slug": string | null,
"answer": Json | null,
"answer_hash": string | null,
"attempt_number": number,
"claim_number": number,
"completed_at": string | null,
"cost_usd": number | null,
"created_at": string,
"duration_ms": number,
"fail_codes": (string)[],
"gate_id": string,
"gate_name": string,
"gate_order": number,
"id": string,
"locked_by": string | null,
"locked_until": string | null,
"max_attempts": number,
"model_id": string | null,
"model_provider": string | null,
"note": string | null,
"phase": string | null,
"progress": number,
"prompt_packet": string | null,
"raw_output": string | null,
"run_id": string,
"started_at": string | null,
"status": string,
"stopped_at": string | null,
"tokens_in": number,
"tokens_out": number,
"updated_at": string,
"validation_results": NonNullable<Json>
            }
                          SetofOptions: {
        from: "*"
        to: "gate_executions"
        isOneToOne: true
        isSetofReturn: false
      } },
"lock_own_job":
{ Args: { "job_id": string }; Returns: {
              "agent_type": string,
"answers": Json | null,
"attempts": number,
"cancel_requested_at": string | null,
"celery_task_id": string | null,
"claim_number": number,
"claimed_at": string | null,
"claimed_by": string | null,
"completed_at": string | null,
"created_at": string,
"dedupe_key": string | null,
"error": string | null,
"finishing_answer": Json | null,
"finishing_hash": string | null,
"id": string,
"input": NonNullable<Json>,
"interruptions": number,
"is_apps": boolean,
"locked_by": string | null,
"locked_until": string | null,
"max_attempts": number,
"parent_job_id": string | null,
"progress": number,
"progress_note": string | null,
"project_id": string | null,
"questions": Json | null,
"releases": number,
"result": Json | null,
"run_after": string,
"started_at": string | null,
"status": string,
"updated_at": string,
"user_id": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "agent_jobs"
        isOneToOne: true
        isSetofReturn: false
      } },
"lock_own_run":
{ Args: { "run_id": string }; Returns: {
              "ci_event_id": string | null,
"ci_run_id": string | null,
"commit_sha": string | null,
"created_at": string,
"current_gate": string | null,
"deployed_to": (string)[],
"display_name": string | null,
"dod_state": string | null,
"finished_at": string | null,
"gates_failed": number,
"gates_passed": number,
"id": string,
"intent": Json | null,
"is_apps": boolean,
"pause_reason": string | null,
"project_id": string | null,
"project_slug": string | null,
"pull_request_number": number | null,
"repository_id": number | null,
"result": string | null,
"spec_id": string | null,
"sprint_id": string | null,
"started_at": string | null,
"status": string,
"summary_json": Json | null,
"total_cost_usd": number,
"total_gates": number,
"total_tokens_in": number,
"total_tokens_out": number,
"updated_at": string,
"user_id": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "runs"
        isOneToOne: true
        isSetofReturn: false
      } },
"lock_run":
{ Args: { "run_id": string }; Returns: {
              "ci_event_id": string | null,
"ci_run_id": string | null,
"commit_sha": string | null,
"created_at": string,
"current_gate": string | null,
"deployed_to": (string)[],
"display_name": string | null,
"dod_state": string | null,
"finished_at": string | null,
"gates_failed": number,
"gates_passed": number,
"id": string,
"intent": Json | null,
"is_apps": boolean,
"pause_reason": string | null,
"project_id": string | null,
"project_slug": string | null,
"pull_request_number": number | null,
"repository_id": number | null,
"result": string | null,
"spec_id": string | null,
"sprint_id": string | null,
"started_at": string | null,
"status": string,
"summary_json": Json | null,
"total_cost_usd": number,
"total_gates": number,
"total_tokens_in": number,
"total_tokens_out": number,
"updated_at": string,
"user_id": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "runs"
        isOneToOne: true
        isSetofReturn: false
      } },
"log_agent_run":
{ Args: { "agent": string,"approx_cost_usd"?: number,"error_message"?: string,"full_input"?: string,"full_output"?: string,"input_summary"?: string,"mode"?: string,"model"?: string,"output_summary"?: string,"project_id": string,"status": string,"task_id"?: string,"tokens_completion"?: number,"tokens_prompt"?: number,"tools_used"?: Json,"zones_touched"?: Json }; Returns: Json
                           },
"log_job_run":
{ Args: { "error": string,"job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']>,"status": string,"task_run_id"?: string,"usage"?: Json,"zones"?: (string)[] }; Returns: string
                           },
"log_stage_run":
{ Args: { "gate": Omit<Database["codered"]['Tables']["gate_executions"]['Row'], Database["codered"]['Tables']["gate_executions"]['ComputedFields']>,"problem": string,"run": Omit<Database["codered"]['Tables']["runs"]['Row'], Database["codered"]['Tables']["runs"]['ComputedFields']>,"usage": Json }; Returns: undefined
                           },
"longest_claim":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"lose_deliveries":
{ Args: { "app_id": number,"batch": number,"delivered_before"?: string,"guids"?: (string)[],"reason": string }; Returns: {
              "action": string,"event": string,"guid": string,"installation_id": number,"repository_id": number
            }[]
                           },
"lost_deliveries":
{ Args: { "batch": number }; Returns: {
              "action": string,"delivered_at": string,"event": string,"guid": string,"reason": string,"repository": string
            }[]
                           },
"make_event_month":
{ Args: { "month": string }; Returns: string
                           },
"make_gates":
{ Args: { "gates": Json,"run_id": string }; Returns: number
                           },
"markdown_headings":
{ Args: { "document": string }; Returns: (string)[]
                           },
"match_patterns":
{ Args: { "filter_type"?: string,"match_count": number,"query_embedding": string }; Returns: {
              "id": string,"metadata": Json,"project_type": string,"similarity": number,"success_score": number
            }[]
                           },
"may_change_verdict":
{ Args: { "base": Omit<Database["codered"]['Tables']["ci_events"]['Row'], Database["codered"]['Tables']["ci_events"]['ComputedFields']>,"error_id": string,"own_number": number,"passed": boolean,"verdict": string }; Returns: boolean
                           },
"may_react":
{ Args: { "author_id": number,"pull_request_number": number,"repository_id": number }; Returns: boolean
                           },
"may_replay":
{ Args: { "installation_id": number,"repository_id": number }; Returns: boolean
                           },
"may_work_on":
{ Args: { "job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']> }; Returns: boolean
                           },
"may_work_run":
{ Args: { "run": Omit<Database["codered"]['Tables']["runs"]['Row'], Database["codered"]['Tables']["runs"]['ComputedFields']> }; Returns: boolean
                           },
"merge_access":
{ Args: { "facts": Json,"told_at": string }; Returns: undefined
                           },
"merge_ci_events":
{ Args: { "delivery": string,"facts": Json }; Returns: string[]
                           },
"merge_ci_jobs":
{ Args: { "delivery": string,"facts": Json }; Returns: string[]
                           },
"merge_commits":
{ Args: { "delivery": string,"facts": Json }; Returns: undefined
                           },
"merge_deployments":
{ Args: { "delivery": string,"facts": Json,"statuses": Json }; Returns: string[]
                           },
"merge_group_head":
{ Args: { "repository_id": number,"sha": string }; Returns: {
              "head_sha": string,"pull_request_number": number
            }[]
                           },
"merge_installations":
{ Args: { "delivery": string,"facts": Json }; Returns: undefined
                           },
"merge_pull_requests":
{ Args: { "delivery": string,"facts": Json }; Returns: undefined
                           },
"merge_repositories":
{ Args: { "delivery": string,"facts": Json }; Returns: undefined
                           },
"merge_rules":
{ Args: { "changes": Json,"rules": Json }; Returns: Json
                           },
"missed_status":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"month_start":
{ Args: { "month": string }; Returns: string
                           },
"most_releases":
{ Args: Record<PropertyKey, never>; Returns: number
                           },
"move_in_roadmap":
{ Args: { "project_id": string,"roadmap_id": string,"step_index": number }; Returns: Json
                           },
"my_orgs":
{ Args: { "at_least"?: string }; Returns: string[]
                           },
"my_profile":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"my_projects":
{ Args: { "at_least"?: string }; Returns: string[]
                           },
"my_repositories":
{ Args: Record<PropertyKey, never>; Returns: number[]
                           },
"my_whole_projects":
{ Args: Record<PropertyKey, never>; Returns: string[]
                           },
"newest_attempt":
{ Args: { "gate_id": string,"run_id": string }; Returns: {
              "agent_slug": string | null,
"answer": Json | null,
"answer_hash": string | null,
"attempt_number": number,
"claim_number": number,
"completed_at": string | null,
"cost_usd": number | null,
"created_at": string,
"duration_ms": number,
"fail_codes": (string)[],
"gate_id": string,
"gate_name": string,
"gate_order": number,
"id": string,
"locked_by": string | null,
"locked_until": string | null,
"max_attempts": number,
"model_id": string | null,
"model_provider": string | null,
"note": string | null,
"phase": string | null,
"progress": number,
"prompt_packet": string | null,
"raw_output": string | null,
"run_id": string,
"started_at": string | null,
"status": string,
"stopped_at": string | null,
"tokens_in": number,
"tokens_out": number,
"updated_at": string,
"validation_results": NonNullable<Json>
            }
                          SetofOptions: {
        from: "*"
        to: "gate_executions"
        isOneToOne: true
        isSetofReturn: false
      } },
"newest_gates":
{ Args: { "run_id": string }; Returns: {
              "agent_slug": string | null,
"answer": Json | null,
"answer_hash": string | null,
"attempt_number": number,
"claim_number": number,
"completed_at": string | null,
"cost_usd": number | null,
"created_at": string,
"duration_ms": number,
"fail_codes": (string)[],
"gate_id": string,
"gate_name": string,
"gate_order": number,
"id": string,
"locked_by": string | null,
"locked_until": string | null,
"max_attempts": number,
"model_id": string | null,
"model_provider": string | null,
"note": string | null,
"phase": string | null,
"progress": number,
"prompt_packet": string | null,
"raw_output": string | null,
"run_id": string,
"started_at": string | null,
"status": string,
"stopped_at": string | null,
"tokens_in": number,
"tokens_out": number,
"updated_at": string,
"validation_results": NonNullable<Json>
            }[]
                          SetofOptions: {
        from: "*"
        to: "gate_executions"
        isOneToOne: false
        isSetofReturn: true
      } },
"newest_jobs":
{ Args: { "agent_type"?: string,"before_created_at"?: string,"before_job"?: string,"most": number,"parent_job_id"?: string,"project_id": string,"status"?: string }; Returns: {
              "created_at": string,"id": string
            }[]
                           },
"next_month":
{ Args: { "month": string }; Returns: string
                           },
"note_backfill":
{ Args: { "claim": number,"id": string,"lease_seconds": number,"progress"?: Json }; Returns: boolean
                           },
"note_budget":
{ Args: { "installation_id": number,"remaining": number,"request_limit": number,"resets_ms": number }; Returns: undefined
                           },
"note_delivery_list":
{ Args: { "app_id": number,"listed_to"?: string,"refused"?: string,"walk_cursor"?: string,"walk_from"?: string }; Returns: undefined
                           },
"note_in_session":
{ Args: { "agent_session_id": string,"ends"?: boolean,"snapshot"?: Json,"summary"?: string }; Returns: Json
                           },
"note_listed_deliveries":
{ Args: { "app_id": number,"attempts": Json }; Returns: number
                           },
"note_oauth_client_seen":
{ Args: { "client_id": string }; Returns: undefined
                           },
"note_oauth_consent":
{ Args: { "about": Json,"grant_hash": string }; Returns: undefined
                           },
"note_policy_files":
{ Args: { "organisation_sha"?: string,"parts": (string)[],"repository_id": number }; Returns: undefined
                           },
"note_run_count":
{ Args: { "day": string,"repository_id": number,"told": number }; Returns: undefined
                           },
"note_seen":
{ Args: { "user_id": string }; Returns: undefined
                           },
"note_silence":
{ Args: { "cause": string,"pull_request_number": number,"repository_id": number,"sha": string }; Returns: undefined
                           },
"note_sources":
{ Args: { "pull_request_number": number,"repository_id": number,"sha": string,"told": Json }; Returns: undefined
                           },
"note_sweep_answer":
{ Args: { "etag": string,"kind": string,"repository_id": number,"subject": string }; Returns: undefined
                           },
"note_task_pass":
{ Args: { "agent_run_id": string,"is_done": boolean,"job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']>,"summary": string,"task_run_id": string }; Returns: undefined
                           },
"number_tests":
{ Args: { "cases": Json,"commit_sha": string,"repository_id": number }; Returns: undefined
                           },
"open_dependencies":
{ Args: { "dependencies": (string)[] }; Returns: string
                           },
"organisation_repositories":
{ Args: { "repository_id": number }; Returns: {
              "access_since": string,
"archived": boolean | null,
"created_at": string,
"default_branch": string | null,
"deleted_at": string | null,
"details_delivery": string,
"details_updated_at": string,
"erased_at": string | null,
"gone_at": string | null,
"id": number,
"installation_id": number | null,
"name": string,
"owner": string,
"policy_parts": (string)[],
"presence_delivery": string,
"presence_updated_at": string,
"private": boolean | null,
"project_id": string | null,
"rule_suites_looked_at": (number)[],
"source_delivery": string,
"source_updated_at": string,
"updated_at": string
            }[]
                          SetofOptions: {
        from: "*"
        to: "repositories"
        isOneToOne: false
        isSetofReturn: true
      } },
"outcomes_of":
{ Args: { "cases": Json,"repository_id": number }; Returns: (Database["codered"]['CompositeTypes']["test_outcome"])[]
                           },
"override_criterion":
{ Args: { "commit_sha": string,"criterion": string,"project_id": string,"pull_request": number,"reason": string,"repository": string,"right_id": string,"until"?: string }; Returns: Json
                           },
"override_stage":
{ Args: { "gate_id": string,"override_type"?: string,"reason": string,"run_id": string }; Returns: Json
                           },
"park_publication":
{ Args: { "claim"?: number,"error": string,"id": string,"worker": string }; Returns: undefined
                           },
"pause_installation":
{ Args: { "installation_id": number,"pause_ms": number }; Returns: undefined
                           },
"pause_over_ceiling":
{ Args: { "run": Omit<Database["codered"]['Tables']["runs"]['Row'], Database["codered"]['Tables']["runs"]['ComputedFields']> }; Returns: boolean
                           },
"pause_run":
{ Args: { "reason": string,"run_id": string }; Returns: Json
                           },
"pipeline_steps":
{ Args: Record<PropertyKey, never>; Returns: (string)[]
                           },
"place_test_report":
{ Args: { "event": Omit<Database["codered"]['Tables']["ci_events"]['Row'], Database["codered"]['Tables']["ci_events"]['ComputedFields']>,"github_artifact_id": number,"name": string }; Returns: {
              "artifact_id": string | null,
"cases": number,
"ci_event_id": string,
"commit_sha": string,
"created_at": string,
"day": string,
"from_fork": boolean,
"id": number,
"name": string | null,
"not_counted": string | null,
"omitted": number,
"on_default_branch": boolean,
"passed": unknown,
"ref": string | null,
"repository_id": number,
"skipped": unknown,
"source": string,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "test_reports"
        isOneToOne: true
        isSetofReturn: false
      } },
"plain_heading":
{ Args: { "line": string }; Returns: string
                           },
"plain_usage":
{ Args: { "usage": Json }; Returns: Json
                           },
"plan_sprint":
{ Args: { "dod_json": Json,"label": string,"spec_id": string }; Returns: Json
                           },
"postpone_follow_up":
{ Args: { "claim": number,"delay_ms": number,"error": string,"id": string }; Returns: undefined
                           },
"project_context":
{ Args: { "project_id": string }; Returns: Json
                           },
"project_cost":
{ Args: { "project_id": string,"since"?: string,"until"?: string }; Returns: Json
                           },
"project_of":
{ Args: { "arguments": Json }; Returns: string
                           },
"prompt_of_job":
{ Args: { "job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']> }; Returns: string
                           },
"prompt_of_stage":
{ Args: { "documents": Json,"extra": Json,"intent": Json,"stage": Json }; Returns: string
                           },
"prunable":
{ Args: Record<PropertyKey, never>; Returns: {
              "bytes": number,"due": number,"keep": string,"oldest": string,"table_name": string,"what": string
            }[]
                           },
"prune_agent_runs":
{ Args: { "batch": number }; Returns: number
                           },
"prune_artifacts":
{ Args: { "ids": (string)[] }; Returns: number
                           },
"prune_deliveries":
{ Args: { "batch": number }; Returns: number
                           },
"prune_excerpts":
{ Args: { "batch": number }; Returns: number
                           },
"prune_follow_ups":
{ Args: { "batch": number }; Returns: number
                           },
"prune_gate_payloads":
{ Args: { "batch": number }; Returns: number
                           },
"prune_green_logs":
{ Args: { "batch": number }; Returns: number
                           },
"prune_oauth":
{ Args: { "batch": number }; Returns: number
                           },
"prune_runs":
{ Args: { "ids": (string)[] }; Returns: number
                           },
"prune_sign_ins":
{ Args: { "batch": number }; Returns: number
                           },
"prune_test_days":
{ Args: { "batch": number }; Returns: number
                           },
"prune_test_results":
{ Args: { "batch": number }; Returns: number
                           },
"publish_spec":
{ Args: { "spec_id": string }; Returns: Json
                           },
"purge_project":
{ Args: { "project_id": string }; Returns: Json
                           },
"put_off_delivery":
{ Args: { "app_id": number,"claim"?: number,"guid": string,"reason": string,"until": string }; Returns: undefined
                           },
"quality_report":
{ Args: { "checks": Json }; Returns: string
                           },
"queue_analysis":
{ Args: { "document": string,"spec_id": string }; Returns: boolean
                           },
"queue_bypass_check":
{ Args: { "repository_id": number }; Returns: undefined
                           },
"queue_bypass_checks":
{ Args: { "commits": Json }; Returns: undefined
                           },
"queue_commands":
{ Args: { "facts": Json }; Returns: number
                           },
"queue_evidence":
{ Args: { "ci_event_ids": (string)[],"repository_id": number }; Returns: number
                           },
"queue_follow_up":
{ Args: { "dedupe_key": string,"delay"?: string,"input": Json,"is_scheduled"?: boolean,"kind": string,"project_id": string }; Returns: undefined
                           },
"queue_follow_ups":
{ Args: { "ci_event_ids": (string)[],"ci_job_ids": (string)[],"deployment_ids": (string)[],"late_before"?: string,"pull_requests": Json,"rechecks": Json }; Returns: number
                           },
"queue_held_evidence":
{ Args: { "ci_event_ids": (string)[],"repository_id": number }; Returns: Json
                           },
"queue_information":
{ Args: { "ci_event_ids": (string)[],"repository_id": number }; Returns: number
                           },
"queue_job":
{ Args: { "agent_type": string,"dedupe_key": string,"delay"?: string,"input": Json,"project_id": string }; Returns: undefined
                           },
"queue_look_once":
{ Args: { "head_sha": string,"repository_id": number,"until": string }; Returns: undefined
                           },
"queue_policy_rechecks":
{ Args: { "commits": Json }; Returns: number
                           },
"queue_protection_look":
{ Args: { "protection": Json,"seconds": number }; Returns: undefined
                           },
"queue_protection_recheck":
{ Args: { "protection": Json,"seconds": number }; Returns: undefined
                           },
"queue_protections":
{ Args: { "deployments": Json }; Returns: number
                           },
"queue_recheck":
{ Args: { "repository_id": number,"sha": string }; Returns: undefined
                           },
"queue_recheck_at":
{ Args: { "head_sha": string,"repository_id": number,"until": string }; Returns: undefined
                           },
"queue_report":
{ Args: { "head_sha": string,"repository_id": number,"seconds": number }; Returns: undefined
                           },
"queue_spec_reports":
{ Args: { "branch": string,"repository_id": number }; Returns: undefined
                           },
"queue_specs":
{ Args: { "commits": Json }; Returns: number
                           },
"queue_status":
{ Args: Record<PropertyKey, never>; Returns: {
              "dead": number,"kind": string,"oldest_seconds": number,"queue": string,"running": number,"waiting": number
            }[]
                           },
"queue_verdicts":
{ Args: { "repository_id": number,"shas": (string)[] }; Returns: number
                           },
"queue_verdicts_after_failure":
{ Args: { "error_id": string }; Returns: number
                           },
"queue_verdicts_after_runs":
{ Args: { "ci_event_ids": (string)[] }; Returns: number
                           },
"read_admission":
{ Args: { "allowed": (string)[],"full_name"?: string,"installation_id"?: number,"owner_id"?: number,"owner_login"?: string,"repository_id"?: number }; Returns: Json
                           },
"read_agent":
{ Args: { "slug": string }; Returns: Json
                           },
"read_agent_run":
{ Args: { "agent_run_id": string,"project_id": string }; Returns: Json
                           },
"read_agent_session":
{ Args: { "agent_session_id": string }; Returns: Json
                           },
"read_artifact":
{ Args: { "artifact_id": string }; Returns: Json
                           },
"read_attempt":
{ Args: { "attempt_number"?: number,"gate_id": string,"run_id": string }; Returns: Json
                           },
"read_budget":
{ Args: { "installation_id": number }; Returns: Json
                           },
"read_bug_pattern":
{ Args: { "pattern_id": string }; Returns: Json
                           },
"read_bypass_subject":
{ Args: { "repository_id": number }; Returns: Json
                           },
"read_checkpoint":
{ Args: { "checkpoint_id": string }; Returns: Json
                           },
"read_circumstances":
{ Args: { "pull_request_number": number,"repository_id": number,"sha"?: string }; Returns: Json
                           },
"read_completeness":
{ Args: { "project_id": string }; Returns: Json
                           },
"read_content":
{ Args: { "artifact_id"?: string,"has_body"?: boolean,"spec_id"?: string }; Returns: Json
                           },
"read_daily_session":
{ Args: { "after_message"?: number,"project_id": string,"session_id": string }; Returns: Json
                           },
"read_decision":
{ Args: { "decision_id": string }; Returns: Json
                           },
"read_delivery_list":
{ Args: { "app_id": number }; Returns: Json
                           },
"read_deployment":
{ Args: { "deployment_id": string }; Returns: Json
                           },
"read_deployment_links":
{ Args: { "repository_id": number,"shas": (string)[] }; Returns: Json
                           },
"read_diagnosis_subject":
{ Args: { "input": Json }; Returns: Json
                           },
"read_dora":
{ Args: { "project_id": string,"weeks"?: number }; Returns: Json
                           },
"read_error":
{ Args: { "error_id": string }; Returns: Json
                           },
"read_event_month":
{ Args: { "after_id": number,"batch": number,"month": string }; Returns: {
              "id": number,"line": string
            }[]
                           },
"read_evidence_subject":
{ Args: { "ci_event_id": string,"repository_id": number }; Returns: Json
                           },
"read_evidence_version":
{ Args: { "repository_id": number,"sha": string }; Returns: string
                           },
"read_gate":
{ Args: { "commit_sha"?: string,"project_id": string,"pull_request"?: number,"repository": string }; Returns: Json
                           },
"read_gate_commit":
{ Args: { "pull_request_number": number,"repository_id": number,"sha": string }; Returns: Json
                           },
"read_gate_subject":
{ Args: { "pull_request_number": number,"repository_id": number,"sha": string }; Returns: Json
                           },
"read_github_person":
{ Args: { "user_id": string }; Returns: Json
                           },
"read_grant":
{ Args: { "user_id": string }; Returns: Json
                           },
"read_head_arrival":
{ Args: { "pull_request_number": number,"repository_id": number,"sha_prefix"?: string }; Returns: Json
                           },
"read_intent":
{ Args: { "intent": Json,"spec_id": string }; Returns: Json
                           },
"read_job":
{ Args: { "job_id": string }; Returns: Json
                           },
"read_job_work":
{ Args: { "job_id": string }; Returns: Json
                           },
"read_latest_checkpoint":
{ Args: { "project_id": string }; Returns: Json
                           },
"read_log_source":
{ Args: { "error_id"?: string,"github_job_id"?: number,"project_id": string }; Returns: Json
                           },
"read_oauth_client":
{ Args: { "client_id": string }; Returns: Json
                           },
"read_oauth_keys":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"read_oauth_record":
{ Args: { "id_hash": string,"kind": string }; Returns: Json
                           },
"read_pause":
{ Args: { "installation_id": number }; Returns: number
                           },
"read_policy_facts":
{ Args: { "pull_request_number"?: number,"repository_id": number }; Returns: Json
                           },
"read_project":
{ Args: { "project_id": string }; Returns: Json
                           },
"read_project_details":
{ Args: { "project_id": string }; Returns: Json
                           },
"read_project_file":
{ Args: { "path": string,"project_id": string }; Returns: Json
                           },
"read_protection_subject":
{ Args: { "repository_id": number,"sha": string }; Returns: Json
                           },
"read_pull_requests_of":
{ Args: { "repository_id": number,"sha": string }; Returns: Json
                           },
"read_refusal":
{ Args: { "author_id": number,"repository_id": number }; Returns: boolean
                           },
"read_report":
{ Args: { "pull_request_number": number,"repository_id": number,"sha"?: string }; Returns: Json
                           },
"read_result_type":
{ Args: { "type": string }; Returns: Json
                           },
"read_roadmap":
{ Args: { "project_id": string,"roadmap_id": string }; Returns: Json
                           },
"read_run":
{ Args: { "run_id": string }; Returns: Json
                           },
"read_sign_in":
{ Args: { "token_hash": string }; Returns: Json
                           },
"read_spec":
{ Args: { "spec_id": string }; Returns: Json
                           },
"read_spec_place":
{ Args: { "repository_id": number }; Returns: Json
                           },
"read_sprint":
{ Args: { "sprint_id": string }; Returns: Json
                           },
"read_task":
{ Args: { "task_id": string }; Returns: Json
                           },
"read_template":
{ Args: { "template_id": string }; Returns: Json
                           },
"read_test":
{ Args: { "test_id": number }; Returns: Json
                           },
"read_token":
{ Args: { "audience"?: string,"token_hash": string }; Returns: Json
                           },
"read_upload_subject":
{ Args: { "repository_id": number,"run_attempt": number,"run_id": string }; Returns: Json
                           },
"read_ux_snippet":
{ Args: { "snippet_id": string }; Returns: Json
                           },
"read_verdict":
{ Args: { "error_id": string }; Returns: Json
                           },
"read_work":
{ Args: { "work_id": string }; Returns: Json
                           },
"readable_payload":
{ Args: { "payload": Json }; Returns: Json
                           },
"ready_stages":
{ Args: { "run_id": string }; Returns: {
              "agent_slug": string | null,
"answer": Json | null,
"answer_hash": string | null,
"attempt_number": number,
"claim_number": number,
"completed_at": string | null,
"cost_usd": number | null,
"created_at": string,
"duration_ms": number,
"fail_codes": (string)[],
"gate_id": string,
"gate_name": string,
"gate_order": number,
"id": string,
"locked_by": string | null,
"locked_until": string | null,
"max_attempts": number,
"model_id": string | null,
"model_provider": string | null,
"note": string | null,
"phase": string | null,
"progress": number,
"prompt_packet": string | null,
"raw_output": string | null,
"run_id": string,
"started_at": string | null,
"status": string,
"stopped_at": string | null,
"tokens_in": number,
"tokens_out": number,
"updated_at": string,
"validation_results": NonNullable<Json>
            }[]
                          SetofOptions: {
        from: "*"
        to: "gate_executions"
        isOneToOne: false
        isSetofReturn: true
      } },
"receive_deliveries":
{ Args: { "heads": Json,"payloads": string }; Returns: {
              "guid": string,"outcome": string
            }[]
                           },
"recheck_commit":
{ Args: { "head_sha": string,"repository_id": number }; Returns: number
                           },
"recheck_merge_groups":
{ Args: { "head_sha": string,"pull_request_number": number,"repository_id": number }; Returns: undefined
                           },
"recompute_deployed":
{ Args: { "deployment_ids"?: (string)[],"head_sha"?: string,"repository_id": number }; Returns: undefined
                           },
"recompute_deployment_runs":
{ Args: { "ci_event_ids": (string)[],"deployment_ids": (string)[] }; Returns: undefined
                           },
"recompute_deployments":
{ Args: { "deployment_ids": (string)[] }; Returns: undefined
                           },
"recompute_merge":
{ Args: { "pull_request_number": number,"repository_id": number }; Returns: undefined
                           },
"recompute_run":
{ Args: { "run_id": string }; Returns: {
              "ci_event_id": string | null,
"ci_run_id": string | null,
"commit_sha": string | null,
"created_at": string,
"current_gate": string | null,
"deployed_to": (string)[],
"display_name": string | null,
"dod_state": string | null,
"finished_at": string | null,
"gates_failed": number,
"gates_passed": number,
"id": string,
"intent": Json | null,
"is_apps": boolean,
"pause_reason": string | null,
"project_id": string | null,
"project_slug": string | null,
"pull_request_number": number | null,
"repository_id": number | null,
"result": string | null,
"spec_id": string | null,
"sprint_id": string | null,
"started_at": string | null,
"status": string,
"summary_json": Json | null,
"total_cost_usd": number,
"total_gates": number,
"total_tokens_in": number,
"total_tokens_out": number,
"updated_at": string,
"user_id": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "runs"
        isOneToOne: true
        isSetofReturn: false
      } },
"recompute_zones":
{ Args: { "ci_event_ids": (string)[],"commits": Json }; Returns: undefined
                           },
"record_access":
{ Args: { "told": Json,"user_id": string }; Returns: Json
                           },
"record_bypass":
{ Args: { "repository_id": number,"suite": Json }; Returns: boolean
                           },
"record_bypasses":
{ Args: { "looked_at": (number)[],"repository_id": number,"suites": Json }; Returns: number
                           },
"record_criteria":
{ Args: { "criteria": Json,"run_id": string }; Returns: undefined
                           },
"record_daily_session":
{ Args: { "project_id": string,"session": Json }; Returns: Json
                           },
"record_decision":
{ Args: { "decision": Json,"project_id": string }; Returns: Json
                           },
"record_delivery":
{ Args: { "app_id": number,"claim"?: number,"facts": Json,"guid": string }; Returns: Json
                           },
"record_diagnosis":
{ Args: { "diagnosis": Json }; Returns: undefined
                           },
"record_evidence":
{ Args: { "artifacts": Json,"ci_event_id": string,"repository_id": number }; Returns: number
                           },
"record_facts":
{ Args: { "app_id"?: number,"facts": Json,"guid"?: string }; Returns: Json
                           },
"record_gate_verdict":
{ Args: { "verdict": Json }; Returns: Json
                           },
"record_lesson":
{ Args: { "lesson": Json,"project_id": string }; Returns: Json
                           },
"record_override":
{ Args: { "comment_id": number,"criterion": string,"expires_at"?: string,"head_sha": string,"login": string,"place"?: number,"pull_request_number": number,"reason": string,"repository_id": number }; Returns: Json
                           },
"record_person":
{ Args: { "avatar_url"?: string,"display_name"?: string,"github_id": number,"login": string,"user_id": string }; Returns: undefined
                           },
"record_policy_rules":
{ Args: { "environments": (string)[],"repository_id": number,"zones": Json }; Returns: boolean
                           },
"record_test_results":
{ Args: { "artifacts": Json,"ci_event_id": string,"repository_id": number }; Returns: number
                           },
"record_uploaded_evidence":
{ Args: { "artifact": Json,"repository_id": number,"run_attempt": number,"run_id": string }; Returns: undefined
                           },
"record_uploaded_tests":
{ Args: { "repository_id": number,"run_attempt": number,"run_id": string,"tests": Json }; Returns: number
                           },
"record_ux_snippet":
{ Args: { "project_id": string,"snippet": Json }; Returns: Json
                           },
"record_verdicts":
{ Args: { "repository_id": number,"verdicts": Json }; Returns: (string)[]
                           },
"recount_excerpts":
{ Args: Record<PropertyKey, never>; Returns: number
                           },
"recount_runs":
{ Args: { "batch": number }; Returns: number
                           },
"refuse_missing":
{ Args: { "id": string,"thing": string }; Returns: boolean
                           },
"refuse_no_criterion":
{ Args: { "criterion": string,"run_id": string }; Returns: undefined
                           },
"refuse_state":
{ Args: { "allowed": string,"state": string,"what": string }; Returns: boolean
                           },
"refuse_unchecked":
{ Args: { "arguments": Json,"name": string,"user_id": string }; Returns: undefined
                           },
"refuse_value":
{ Args: { "allowed": string,"value": unknown,"what": string }; Returns: boolean
                           },
"register_oauth_client":
{ Args: { "address_hash"?: string,"client_id": string,"metadata": Json }; Returns: undefined
                           },
"release_agent_job":
{ Args: { "claim": number,"job_id": string,"usage"?: Json }; Returns: Json
                           },
"release_backfill":
{ Args: { "claim": number,"due_ms"?: number,"error"?: string,"has_failed"?: boolean,"id": string,"state"?: string }; Returns: undefined
                           },
"release_leases":
{ Args: Record<PropertyKey, never>; Returns: number
                           },
"release_stage":
{ Args: { "claim": number,"stage_id": string,"usage"?: Json }; Returns: Json
                           },
"release_task_lock":
{ Args: { "locker": string,"task_id": string }; Returns: Json
                           },
"release_work":
{ Args: { "claim": number,"usage"?: Json,"work_id": string }; Returns: Json
                           },
"release_writer":
{ Args: { "pause_ms"?: number,"publication_id": string,"worker": string }; Returns: undefined
                           },
"remove_member":
{ Args: { "org_login": string,"user_id": string }; Returns: boolean
                           },
"renew_leases":
{ Args: { "claims"?: (number)[],"guids": (string)[],"jobs": (string)[],"lease_seconds": number,"publications": (string)[],"worker": string }; Returns: number
                           },
"replace_access":
{ Args: { "asked_at": string,"told": Json,"user_id": string }; Returns: undefined
                           },
"replay_dead_delivery":
{ Args: { "guid": string }; Returns: Json
                           },
"replay_deliveries":
{ Args: { "guids"?: (string)[],"since"?: string,"statuses"?: (string)[] }; Returns: number
                           },
"replay_follow_ups":
{ Args: { "ids"?: (string)[],"is_all"?: boolean }; Returns: number
                           },
"replayable_deliveries":
{ Args: { "after_guid"?: string,"after_received_at"?: string,"batch": number,"guids"?: (string)[],"since"?: string,"statuses"?: (string)[] }; Returns: {
              "action": string,"app_id": number,"event": string,"guid": string,"last_error": string,"payload": Json,"received_at": string,"repository": string,"status": string
            }[]
                           },
"report_error":
{ Args: { "project_id": string,"report": Json }; Returns: Json
                           },
"report_job_progress":
{ Args: { "job_id": string,"lease_seconds"?: number,"progress": number,"worker": string }; Returns: Json
                           },
"reports_of_run":
{ Args: { "gate": Omit<Database["codered"]['Tables']["gate_executions"]['Row'], Database["codered"]['Tables']["gate_executions"]['ComputedFields']>,"kind": string,"reported": Json }; Returns: Json
                           },
"repositories_of":
{ Args: { "login": string }; Returns: {
              "id": number,"installation_id": number,"repository": string
            }[]
                           },
"request_backfill":
{ Args: { "reason": string,"repository_id": number,"since"?: string,"with_jobs"?: boolean,"with_logs"?: boolean }; Returns: string
                           },
"request_publication":
{ Args: { "desired": Json,"desired_hash": string,"evidence_version"?: string,"kind": string,"only_if_standing"?: boolean,"recheck"?: boolean,"repository_id": number,"target": string }; Returns: Json
                           },
"request_sweep":
{ Args: { "installation_id": number,"kind": string,"reason": string,"repository_id": number,"since": string }; Returns: undefined
                           },
"require_artifact":
{ Args: { "artifact_id": string }; Returns: {
              "artifact_type": string | null,
"ci_event_id": string | null,
"content": string | null,
"content_hash": string | null,
"content_type": string | null,
"created_at": string,
"file_name": string | null,
"file_path": string | null,
"gate_execution_id": string | null,
"gate_id": string | null,
"github_artifact_id": number | null,
"id": string,
"kind": string,
"made_at": string | null,
"project_id": string | null,
"ref": string | null,
"run_id": string | null,
"size_bytes": number | null,
"storage_path": string | null,
"summary": string | null,
"task_id": string | null,
"updated_at": string,
"url": string | null,
"user_id": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "artifacts"
        isOneToOne: true
        isSetofReturn: false
      } },
"require_few_rights":
{ Args: Record<PropertyKey, never>; Returns: undefined
                           },
"require_fresh":
{ Args: { "arguments": Json,"name": string }; Returns: undefined
                           },
"require_operator":
{ Args: { "what": string }; Returns: undefined
                           },
"require_person":
{ Args: { "user_id": string }; Returns: undefined
                           },
"require_project":
{ Args: { "project_id": string }; Returns: undefined
                           },
"require_run":
{ Args: { "run_id": string }; Returns: {
              "ci_event_id": string | null,
"ci_run_id": string | null,
"commit_sha": string | null,
"created_at": string,
"current_gate": string | null,
"deployed_to": (string)[],
"display_name": string | null,
"dod_state": string | null,
"finished_at": string | null,
"gates_failed": number,
"gates_passed": number,
"id": string,
"intent": Json | null,
"is_apps": boolean,
"pause_reason": string | null,
"project_id": string | null,
"project_slug": string | null,
"pull_request_number": number | null,
"repository_id": number | null,
"result": string | null,
"spec_id": string | null,
"sprint_id": string | null,
"started_at": string | null,
"status": string,
"summary_json": Json | null,
"total_cost_usd": number,
"total_gates": number,
"total_tokens_in": number,
"total_tokens_out": number,
"updated_at": string,
"user_id": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "runs"
        isOneToOne: true
        isSetofReturn: false
      } },
"reseal_grant":
{ Args: { "sealed_access_token": string,"sealed_refresh_token"?: string,"user_id": string,"version": string }; Returns: boolean
                           },
"reserve_write":
{ Args: { "installation_id": number,"spacing_ms"?: number }; Returns: number
                           },
"restore_project":
{ Args: { "project_id": string }; Returns: Json
                           },
"result_types":
{ Args: Record<PropertyKey, never>; Returns: (string)[]
                           },
"results_before":
{ Args: { "job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']> }; Returns: {
              "agent_type": string,"result": Json
            }[]
                           },
"resume_project":
{ Args: { "project_id": string }; Returns: Json
                           },
"resume_run":
{ Args: { "run_id": string }; Returns: Json
                           },
"retention_cutoff":
{ Args: { "table_name": string }; Returns: string
                           },
"retire_document":
{ Args: { "id": string }; Returns: Json
                           },
"retire_project":
{ Args: { "project_id": string }; Returns: Json
                           },
"retire_ux_snippet":
{ Args: { "snippet_id": string }; Returns: Json
                           },
"retry_job":
{ Args: { "delay_ms": number,"error": string,"id": string,"worker": string }; Returns: undefined
                           },
"revoke_connected_app":
{ Args: { "id": string,"user_id": string }; Returns: number
                           },
"revoke_oauth_grant":
{ Args: { "grant_hash": string }; Returns: number
                           },
"revoke_override":
{ Args: { "override_id": string }; Returns: Json
                           },
"revoke_overrides":
{ Args: { "comment_id": number,"criterion": string,"head_sha": string,"login": string,"place"?: number,"pull_request_number": number,"repository_id": number }; Returns: number
                           },
"revoke_token":
{ Args: { "token_id": string }; Returns: Json
                           },
"run_for_evidence":
{ Args: { "commit_sha": string,"repository_id": number }; Returns: string
                           },
"run_number":
{ Args: { "run_id": string }; Returns: number
                           },
"run_pipeline":
{ Args: { "input": Json,"project_id": string }; Returns: Json
                           },
"save_oauth_record":
{ Args: { "audience"?: string,"client_id"?: string,"expires_at": string,"grant_hash"?: string,"id_hash": string,"kind": string,"payload": Json,"scope"?: string,"user_id"?: string }; Returns: undefined
                           },
"search_events":
{ Args: { "batch": number,"before"?: string,"project_id": string,"query": string }; Returns: {
              "created_at": string,"event_type": string,"id": number,"payload": Json,"run_id": string,"task_id": string,"user_id": string
            }[]
                           },
"seconds_of":
{ Args: { "ci_event_ids": (string)[] }; Returns: number
                           },
"set_member":
{ Args: { "org_login": string,"role": string,"user_id": string }; Returns: Json
                           },
"set_milestone_progress":
{ Args: { "milestone_id": string,"percent": number }; Returns: number
                           },
"set_model":
{ Args: { "model": Json,"model_id": string }; Returns: Json
                           },
"settle_error":
{ Args: { "error_id": string,"is_resolved": boolean }; Returns: Json
                           },
"settle_missed_deliveries":
{ Args: { "app_id": number,"delivered_before": string }; Returns: number
                           },
"settled_events":
{ Args: Record<PropertyKey, never>; Returns: {
              "kept_after": number,"settled": number
            }[]
                           },
"share_done":
{ Args: { "milestone_id": string }; Returns: number
                           },
"signals_of":
{ Args: { "repository_id": number,"sha": string }; Returns: {
              "at": string,"attempt": number,"author": string,"branch": string,"conclusion": string,"event": string,"head_repository_id": number,"kind": string,"name": string,"origin": string,"status": string,"url": string,"workflow_path": string
            }[]
                           },
"signs_of_tests":
{ Args: { "test_ids": (number)[] }; Returns: Database["codered"]['CompositeTypes']["test_signs"][]
                          SetofOptions: {
        from: "*"
        to: "test_signs"
        isOneToOne: false
        isSetofReturn: true
      } },
"slug_of":
{ Args: { "name": string }; Returns: string
                           },
"spec_of_job":
{ Args: { "job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']> }; Returns: {
              "artifact_type": string | null,
"branch": string | null,
"content": string | null,
"cost_profile": NonNullable<Json>,
"created_at": string,
"created_by": string | null,
"created_by_user_id": string | null,
"document_bytes": number | null,
"document_sha256": string | null,
"id": string,
"intent_schema": NonNullable<Json>,
"is_active": boolean,
"object_path": string | null,
"object_stored_at": string | null,
"output_formats": (string)[],
"output_guarantees": NonNullable<Json>,
"project_id": string | null,
"published_at": string | null,
"qa_config": NonNullable<Json>,
"repo": string | null,
"sha": string | null,
"stages": NonNullable<Json>,
"storage_path": string | null,
"template_id": string | null,
"updated_at": string,
"version": string | null,
"version_hash": string | null,
"visibility": string
            }
                          SetofOptions: {
        from: "codered.agent_jobs"
        to: "specs"
        isOneToOne: true
        isSetofReturn: false
      } },
"spec_paths":
{ Args: { "files": (string)[] }; Returns: (string)[]
                           },
"spent_on_job":
{ Args: { "job_id": string }; Returns: number
                           },
"stage_check":
{ Args: { "code": string,"detail"?: string,"passed": boolean,"severity"?: string,"target": string,"type": string }; Returns: Json
                           },
"start_agent_job":
{ Args: { "job_id": string,"lease_seconds"?: number,"worker": string }; Returns: Json
                           },
"start_agent_session":
{ Args: { "project_id": string,"snapshot"?: Json,"summary"?: string }; Returns: Json
                           },
"start_gate":
{ Args: { "gate_id": string,"run_id": string }; Returns: Json
                           },
"start_run":
{ Args: { "run": Json }; Returns: Json
                           },
"start_sign_in":
{ Args: { "former_hash"?: string,"token_hash": string,"user_id": string }; Returns: string
                           },
"start_task_run":
{ Args: { "agent_run_id"?: string,"phase": string,"status"?: string,"summary"?: string,"task_id": string }; Returns: Json
                           },
"start_workflow_run":
{ Args: { "display_name"?: string,"intent": Json,"project_id"?: string,"spec_id": string }; Returns: Json
                           },
"state_by_signs":
{ Args: { "signs": Database["codered"]['CompositeTypes']["test_signs"],"state": Omit<Database["codered"]['Tables']["test_states"]['Row'], Database["codered"]['Tables']["test_states"]['ComputedFields']> }; Returns: string
                           },
"status_rank":
{ Args: { "status": string }; Returns: number
                           },
"steps_of_jobs":
{ Args: { "repository_id": number,"sha": string }; Returns: Json
                           },
"steps_of_modules":
{ Args: { "modules": Json }; Returns: number
                           },
"store_document":
{ Args: { "document": Json }; Returns: Json
                           },
"stream_news":
{ Args: { "asked": Json }; Returns: Json
                           },
"stuck_subjects":
{ Args: { "batch": number }; Returns: {
              "kind": string,"reason": string,"repository_id": number,"subject": string
            }[]
                           },
"suggest_pattern":
{ Args: { "category"?: string,"description"?: string,"kind": string,"name": string,"pattern_signature": string,"project_id": string,"recommended_fix": string,"root_cause": string }; Returns: Json
                           },
"supersede_decision":
{ Args: { "decision": Json,"decision_id": string }; Returns: Json
                           },
"sweep_installations":
{ Args: Record<PropertyKey, never>; Returns: {
              "installation_id": number
            }[]
                           },
"sweep_status":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"take_agents":
{ Args: { "agents": Json,"problems"?: Json,"repository_id": number,"sha": string }; Returns: Json
                           },
"take_asked_right":
{ Args: { "action": string,"commit_sha": string,"pull_request_number": number,"repository_id": number,"right_id": string }; Returns: {
              "action": string,
"asked_at": string,
"client_id": string | null,
"commit_sha": string,
"created_at": string,
"id": string,
"login": string,
"made_by": string,
"made_through": string,
"pull_request_number": number,
"repository_id": number,
"updated_at": string,
"user_id": string
            }
                          SetofOptions: {
        from: "*"
        to: "asked_rights"
        isOneToOne: true
        isSetofReturn: false
      } },
"take_backfill":
{ Args: { "id"?: string,"lease_seconds": number,"worker": string }; Returns: Json
                           },
"take_chore":
{ Args: { "chore": string,"lease_seconds": number,"worker": string }; Returns: boolean
                           },
"take_command":
{ Args: { "author_id": number,"pull_request_number": number,"repository_id": number }; Returns: boolean
                           },
"take_command_reaction":
{ Args: { "author_id": number,"comment_id": number,"pull_request_number": number,"repository_id": number }; Returns: boolean
                           },
"take_excerpt":
{ Args: { "diagnosis": Json,"installation_id": number }; Returns: Json
                           },
"take_job":
{ Args: { "job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']>,"lease_seconds": number,"worker": string }; Returns: Json
                           },
"take_key":
{ Args: { "key_hash": string,"request_hash": string }; Returns: Json
                           },
"take_missed_deliveries":
{ Args: { "app_id": number,"batch": number }; Returns: {
              "asked": number,"delivery_id": string,"event": string,"guid": string
            }[]
                           },
"take_quota":
{ Args: { "amount"?: number,"installation_id": number,"is_urgent"?: boolean,"quota": string }; Returns: Json
                           },
"take_repository_quota":
{ Args: { "amount": number,"quota": string,"repository_id": number }; Returns: Json
                           },
"take_run_count":
{ Args: { "installation_id": number }; Returns: {
              "day": string,"repository_id": number
            }[]
                           },
"take_sign_in":
{ Args: { "browser_hash": string,"state_hash": string }; Returns: Json
                           },
"take_spec":
{ Args: { "document"?: string,"dod_json"?: Json,"label"?: string,"problem"?: string,"spec": Json }; Returns: Json
                           },
"take_spec_by_name":
{ Args: { "dod"?: Json,"full_name": string,"label"?: string,"spec": Json }; Returns: Json
                           },
"take_stage":
{ Args: { "gate": Omit<Database["codered"]['Tables']["gate_executions"]['Row'], Database["codered"]['Tables']["gate_executions"]['ComputedFields']>,"lease_seconds": number,"run": Omit<Database["codered"]['Tables']["runs"]['Row'], Database["codered"]['Tables']["runs"]['ComputedFields']>,"worker": string }; Returns: Json
                           },
"take_sweep_request":
{ Args: { "installation_id": number }; Returns: {
              "asked": number,"id": string,"kind": string,"repository_id": number,"since": string
            }[]
                           },
"take_sweep_subject":
{ Args: { "installation_id": number }; Returns: {
              "asked": number,"etag": string,"kind": string,"repository_id": number,"subject": string
            }[]
                           },
"take_task_lock":
{ Args: { "locker": string,"task_id": string }; Returns: Json
                           },
"task_of_job":
{ Args: { "job": Omit<Database["codered"]['Tables']["agent_jobs"]['Row'], Database["codered"]['Tables']["agent_jobs"]['ComputedFields']> }; Returns: {
              "acceptance_criteria": (string)[],
"assignee_agent_id": string | null,
"assignee_human": string | null,
"completed_at": string | null,
"constraints": NonNullable<Json>,
"created_at": string,
"deleted_at": string | null,
"dependencies": (string)[],
"description": string | null,
"due_date": string | null,
"id": string,
"impact_axes": (string)[],
"locked_at": string | null,
"locked_by": string | null,
"milestone_id": string | null,
"parent_task_id": string | null,
"priority": number,
"project_id": string,
"size": string | null,
"status": string,
"title": string,
"updated_at": string,
"user_id": string | null,
"zone": string
            }
                          SetofOptions: {
        from: "codered.agent_jobs"
        to: "tasks"
        isOneToOne: true
        isSetofReturn: false
      } },
"test_histories":
{ Args: { "repository_id": number,"test_ids": (number)[] }; Returns: {
              "base_flakes": number,"base_mixed": boolean,"failed": number,"failing_since": string,"first_seen_at": string,"first_seen_sha": string,"flaky": number,"on_default_branch": boolean,"runs": number,"since_run": string,"since_sha": string,"state": string,"state_since": string,"test_id": number,"window_days": number
            }[]
                           },
"test_key":
{ Args: { "file_path": string,"name": string,"suite": string }; Returns: string
                           },
"tests_concerned":
{ Args: { "report": Omit<Database["codered"]['Tables']["test_reports"]['Row'], Database["codered"]['Tables']["test_reports"]['ComputedFields']> }; Returns: (number)[]
                           },
"texts_in":
{ Args: { "kind": string,"scope": Json }; Returns: (string)[]
                           },
"turn_monitors":
{ Args: { "test_ids": (number)[] }; Returns: number
                           },
"turn_quiet_tests":
{ Args: { "after_test": number,"batch": number }; Returns: number
                           },
"turn_states":
{ Args: { "made": Omit<Database["codered"]['Tables']["ci_events"]['Row'], Database["codered"]['Tables']["ci_events"]['ComputedFields']>,"outcomes": (Database["codered"]['CompositeTypes']["test_outcome"])[],"report": Omit<Database["codered"]['Tables']["test_reports"]['Row'], Database["codered"]['Tables']["test_reports"]['ComputedFields']> }; Returns: undefined
                           },
"uncount_report":
{ Args: { "report": Omit<Database["codered"]['Tables']["test_reports"]['Row'], Database["codered"]['Tables']["test_reports"]['ComputedFields']> }; Returns: undefined
                           },
"united_environments":
{ Args: { "policy_rules": Json }; Returns: Json
                           },
"united_zones":
{ Args: { "policy_rules": Json }; Returns: Json
                           },
"update_corpus":
{ Args: { "corpus": Json,"corpus_id": string,"project_id": string }; Returns: Json
                           },
"update_decision":
{ Args: { "changes": Json,"decision_id": string,"expected_updated_at"?: string }; Returns: Json
                           },
"update_milestone":
{ Args: { "changes": Json,"expected_updated_at"?: string,"milestone_id": string }; Returns: Json
                           },
"update_project":
{ Args: { "changes": Json,"expected_updated_at"?: string,"project_id": string }; Returns: Json
                           },
"update_roadmap":
{ Args: { "project_id": string,"roadmap": Json,"roadmap_id": string }; Returns: Json
                           },
"update_task":
{ Args: { "changes": Json,"expected_updated_at"?: string,"task_id": string }; Returns: Json
                           },
"update_template":
{ Args: { "changes": Json,"template_id": string }; Returns: Json
                           },
"update_template_version":
{ Args: { "changes": Json,"spec_id": string }; Returns: Json
                           },
"upload_spec":
{ Args: { "branch"?: string,"content": string,"dod"?: Json,"label"?: string,"path": string,"project_id": string,"repository": string }; Returns: Json
                           },
"upsert_agents":
{ Args: { "agents": Json }; Returns: Json
                           },
"use_oauth_record":
{ Args: { "id_hash": string,"kind": string }; Returns: boolean
                           },
"uuids_in":
{ Args: { "kind": string,"scope": Json }; Returns: (string)[]
                           },
"verdict_evidence":
{ Args: { "commit_sha": string,"repository_id": number }; Returns: Json
                           },
"version_of_commit":
{ Args: { "repository_id": number,"sha": string }; Returns: string
                           },
"waiting_follow_ups":
{ Args: { "most": number }; Returns: (number)[]
                           },
"waiting_installations":
{ Args: { "most": number }; Returns: (number)[]
                           },
"weekday_hours":
{ Args: { "from_time": string,"until_time": string }; Returns: number
                           },
"withdraw_access":
{ Args: { "org_id": string,"people": (string)[],"repository_id": number,"told_at": string }; Returns: undefined
                           },
"write_project_file":
{ Args: { "content": string,"expected_version"?: number,"language"?: string,"path": string,"project_id": string }; Returns: Json
                           },
"write_stage_artifacts":
{ Args: { "artifacts": Json,"gate": Omit<Database["codered"]['Tables']["gate_executions"]['Row'], Database["codered"]['Tables']["gate_executions"]['ComputedFields']>,"run": Omit<Database["codered"]['Tables']["runs"]['Row'], Database["codered"]['Tables']["runs"]['ComputedFields']> }; Returns: undefined
                           },
"write_status_event":
{ Args: { "message"?: string,"metadata"?: Json,"phase": string,"run_id": string }; Returns: Json
                           },
"yield_publication":
{ Args: { "claim"?: number,"error": string,"id": string,"worker": string }; Returns: undefined
                           },
"zones_allowed_to":
{ Args: { "agent": Omit<Database["codered"]['Tables']["agents"]['Row'], Database["codered"]['Tables']["agents"]['ComputedFields']> }; Returns: (string)[]
                           },
"zones_of":
{ Args: { "files": (string)[],"rules": Json }; Returns: (string)[]
                           }
          }
          Enums: {
            [_ in never]: never
          }
          CompositeTypes: {
            "failing_run": {
                        "run_id": string | null,"run_number": number | null,"provider": string | null,"workflow_path": string | null,"event": string | null,"branch": string | null,"head_repository_id": number | null,"started_at": string | null,"html_url": string | null,"pull_request_number": number | null,"author": string | null,"base_ref": string | null,"base_since": string | null,"head_sha": string | null
                      },"test_outcome": {
                        "test_id": number | null,"number": number | null,"status": string | null,"is_flaky": boolean | null,"duration_ms": number | null,"message": string | null
                      },"test_signs": {
                        "test_id": number | null,"on_default_branch": boolean | null,"runs_7": number | null,"failed_7": number | null,"flaky_7": number | null,"runs_14": number | null,"failed_14": number | null,"flaky_14": number | null,"mixed_7": number | null,"mixed_14": number | null,"mixed_shas": (string)[] | null,"streak": number | null,"is_unbroken": boolean | null,"quiet_days": number | null
                      }
          }
        }
}

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "codered">]

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
  ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R
    }
    ? R
    : never
  : never

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
  ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I
    }
    ? I
    : never
  : never

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
  ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U
    }
    ? U
    : never
  : never

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
  ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
  ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never

export const Constants = {
  "codered": {
          Enums: {
            
          }
        }
} as const
